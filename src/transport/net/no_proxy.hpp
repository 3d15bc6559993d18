#pragma once

#include <string_view>

namespace inferometer::transport::net {

/// Whether the comma-separated `list` excepts `host` (a name, or an address without brackets) from
/// the proxy, as curl would: "*" excepts all, a name itself and all names below it, with or without
/// a leading dot, an address itself, "10.0.0.0/8" a network. The case of letters does not count,
/// nor does a port in the list; an entry that cannot be read excepts nothing.
[[nodiscard]] bool is_excepted(std::string_view list, std::string_view host);

}  // namespace inferometer::transport::net
