#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::wire {

/// An http or https URL, taken apart.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< in lower case; an IPv6 address without brackets, with its zone if any
  std::uint16_t port = 0;  ///< the scheme's own where the URL names none
  bool host_is_ipv6 = false;
  std::string target;  ///< path and query as they stand in the URL, "/" at least; no fragment
};

/// Strict (RFC 3986): anything that two programs could read in two ways is refused, and so is a
/// user or a password. The error says how to mend the URL and repeats none of it.
[[nodiscard]] base::Result<Url> parse_url(std::string_view text);

/// The value of the header Host: the port is left out where it is the scheme's own, IPv6 stands in
/// brackets and without its zone, which means something on this machine only (RFC 6874, section 4).
[[nodiscard]] std::string authority(const Url& url);

/// The same with the port in any case, as CONNECT requires it (RFC 9110, section 9.3.6).
[[nodiscard]] std::string authority_with_port(const Url& url);

}  // namespace inferometer::wire
