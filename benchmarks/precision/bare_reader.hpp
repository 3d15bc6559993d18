#pragma once

#include "precision/cases.hpp"
#include "precision/figures.hpp"
#include "precision/server.hpp"

namespace inferometer::precision {

/// The least that any client must do: epoll, recv (over TLS OpenSSL's SSL_read on the socket), a
/// clock reading, a search for the stamps. It parses nothing else. One thread; HTTP/1.1 only.
[[nodiscard]] Figures run_bare_reader(const Plan& plan, const Server& server);

}  // namespace inferometer::precision
