#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "wire/url.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport::net {

/// The way through an HTTP proxy.
struct ProxyRoute {
  wire::Url proxy;
  bool tunnel = false;  ///< by CONNECT or SOCKS; otherwise the proxy is asked for the whole URL
  bool socks = false;   ///< SOCKS 5 (net/socks.hpp); `proxy` then has the scheme http
};

/// How `target` is reached: https through a tunnel, plain http by asking the proxy for it; directly
/// (none) where no proxy is configured or its no_proxy excepts the host. SOCKS always makes a
/// tunnel, and its proxy looks up the name, by socks5 as by socks5h. An error if the proxy's URL is
/// none.
[[nodiscard]] base::Result<std::optional<ProxyRoute>> route(const config::Proxy& proxy,
                                                            const wire::Url& target);

/// The value of Proxy-Authorization (RFC 7617), for CONNECT or a request in plain http; empty where
/// no username is configured.
[[nodiscard]] base::Secret proxy_credentials(const config::Proxy& proxy,
                                             const base::Secret& password);

/// The opening of a tunnel to `target` (RFC 9110, section 9.3.6): what is to be written to the
/// proxy, and what becomes of its reply. Uses no sockets. Not thread-safe.
class Tunnel {
 public:
  static constexpr std::size_t k_max_reply_bytes = 65'536;

  enum class State { waiting, open, failed };

  /// `credentials` as above.
  Tunnel(const wire::Url& target, const base::Secret& credentials);

  /// The bytes of the CONNECT, to be written once.
  [[nodiscard]] const base::Secret& request() const { return m_request; }

  /// Takes what the proxy sent and returns how many bytes of it belong to its reply: those after
  /// them are the tunnel's first.
  std::size_t feed(std::string_view bytes);
  /// The proxy has closed the connection.
  void on_closed();

  [[nodiscard]] State state() const { return m_state; }
  /// Why it failed, for people, with the proxy's status line if it sent one. Empty otherwise.
  [[nodiscard]] const std::string& problem() const { return m_problem; }

 private:
  void take_line();
  void fail(std::string problem);

  base::Secret m_request;
  State m_state = State::waiting;
  std::size_t m_size = 0;     ///< of the reply so far
  std::string m_line;         ///< of the reply, as far as it has come
  std::string m_status_line;  ///< empty: still to come
  std::string m_problem;
};

}  // namespace inferometer::transport::net
