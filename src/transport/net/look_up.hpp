#pragma once

#include "transport/net/address.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace inferometer::transport::net {

/// Why a name has no address.
struct ResolveError {
  enum class Cause {
    name,       ///< it does not exist, or its name servers do not answer
    resources,  ///< ours: no descriptor, memory or thread to be had, or too many names wait
  };
  Cause cause = Cause::name;
  std::string message;  ///< for people; names the name
};

/// One address at least, in the C library's order (RFC 6724), or the reason why there is none.
using Addresses = tl::expected<std::vector<Address>, ResolveError>;

/// Asks the C library, which blocks, for half a minute where a name server is silent. Where it does
/// not know `localhost` or what ends in that, these are the loopback addresses. Thread-safe.
[[nodiscard]] Addresses look_up(const std::string& host, std::uint16_t port) noexcept;

}  // namespace inferometer::transport::net
