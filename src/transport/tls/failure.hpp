#pragma once

#include "config/config.hpp"
#include "transport/tls/openssl.hpp"

#include <string>

namespace inferometer::transport::tls {

/// Where a session was when a call of OpenSSL failed.
struct FailureContext {
  const config::Tls& tls;
  const std::string& server_name;
  bool answered_in_tls = false;  ///< the server has sent any message of TLS
};

/// Why the last call on `ssl` failed, in one line for people, with what to do where that is known.
/// Forgets the errors that the call has left.
[[nodiscard]] std::string explain_failure(const ssl_st* ssl, const FailureContext& where);

}  // namespace inferometer::transport::tls
