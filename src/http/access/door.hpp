#pragma once

#include "base/thread/mutex.hpp"
#include "config/web/web_file.hpp"
#include "http/tls/context.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::http {

/// How clients are let in: the web configuration, made ready.
struct Access {
  std::shared_ptr<const tls::Context> tls;                   ///< null: clear text
  config::PasswordHashes users;                              ///< empty: no password is asked for
  std::vector<std::pair<std::string, std::string>> headers;  ///< of each response
  std::optional<config::RequestRate> rate_limit;
};

/// Why a client was not let in.
enum class Refusal {
  unauthorized,  ///< no password, or a wrong one
  busy,          ///< too many passwords were being checked
  rate_limited,  ///< the requests of the rate limit were used up
  handshake,     ///< the handshake of TLS failed
};

inline constexpr std::array k_refusals{Refusal::unauthorized, Refusal::busy, Refusal::rate_limited,
                                       Refusal::handshake};

/// The reason as the `reason` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(Refusal refusal);

/// What stands between a server and its clients: whoever configures it sets how they are let in, at
/// any time, and the server asks with each connection and request. Thread-safe.
class Door {
 public:
  /// Is told of each client that was not let in, on the server's thread: it must be quick.
  using OnRefusal = std::function<void(Refusal why)>;

  /// By default open to all, in clear text.
  explicit Door(Access access = {}, OnRefusal on_refusal = {})
      : m_on_refusal(std::move(on_refusal)),
        m_access(std::make_shared<const Access>(std::move(access))) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door() = default;

  /// Holds for connections and requests from now on. Connections that are open stay so.
  void set(Access access) EXCLUDES(m_mutex);
  [[nodiscard]] std::shared_ptr<const Access> access() const EXCLUDES(m_mutex);

  /// A client was not let in.
  void report(Refusal why) const {
    if (m_on_refusal) {
      m_on_refusal(why);
    }
  }

 private:
  const OnRefusal m_on_refusal;
  mutable base::Mutex m_mutex;
  std::shared_ptr<const Access> m_access GUARDED_BY(m_mutex);
};

}  // namespace inferometer::http
