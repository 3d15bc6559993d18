#pragma once

#include "transport/tls/openssl.hpp"

#include <string>
#include <string_view>

namespace inferometer::transport::tls {

/// Both directions of one connection in memory, as OpenSSL sees them through a BIO.
struct Wire {
  std::string_view input;  ///< what has come and was not read yet
  std::string output;      ///< what is to be written
  bool cut = false;        ///< true: reading and writing fail, which ends OpenSSL's call
};

/// A BIO that reads straight from `wire.input`, asks for a retry where that is empty, and appends
/// to `wire.output`. `wire` must outlive it. Null where there is no memory for it.
[[nodiscard]] Owned<bio_st> make_bio(Wire& wire);

}  // namespace inferometer::transport::tls
