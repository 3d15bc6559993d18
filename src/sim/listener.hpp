#pragma once

#include "base/descriptor.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::sim {

/// A non-blocking TCP socket that listens on `host:port`, `[v6 address]:port` or `:port` (all
/// addresses); port 0 takes any that is free. The error names the address and the way to mend it.
[[nodiscard]] base::Result<base::Descriptor> listen_on(std::string_view address);

/// The port that the socket is bound to.
[[nodiscard]] base::Result<std::uint16_t> bound_port(const base::Descriptor& socket);

/// The next connection, non-blocking and without Nagle's delay, or an invalid one with errno set.
[[nodiscard]] base::Descriptor accept_from(const base::Descriptor& socket);

}  // namespace inferometer::sim
