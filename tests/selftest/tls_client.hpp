#pragma once

#include <cstdint>
#include <string>

namespace inferometer::fakes {

/// Asks `port` of this host for `GET /` over TLS with OpenSSL's own client, which trusts `ca_file`
/// alone and verifies `address`. Returns what came until the last chunk; empty if the handshake
/// failed.
[[nodiscard]] std::string get_over_tls(std::uint16_t port, const std::string& ca_file,
                                       const std::string& address);

}  // namespace inferometer::fakes
