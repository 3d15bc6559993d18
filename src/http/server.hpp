#pragma once

#include "base/error.hpp"
#include "base/listen.hpp"
#include "http/access/door.hpp"
#include "http/codec.hpp"
#include "http/limits.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace inferometer::http {

/// An HTTP server that leaves open what there is to serve.
class Server {
 public:
  /// Listens on all of `listen` (see base/listen.hpp for the forms) and serves at once what
  /// `handler` answers, which several threads call. `lane_of` tells which of them; `door` whom it
  /// serves, and whether by TLS.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(
      const std::vector<std::string>& listen, Handler handler, LaneOf lane_of,
      const Limits& limits = {}, std::shared_ptr<Door> door = std::make_shared<Door>());

  /// The same on what already listens: clients that come before this wait.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(
      std::vector<base::Listener> listeners, Handler handler, LaneOf lane_of,
      const Limits& limits = {}, std::shared_ptr<Door> door = std::make_shared<Door>());

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Where it listens, in the order given, with the real port in place of 0.
  [[nodiscard]] const std::vector<std::string>& addresses() const;
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const;

  /// Stops listening, lets replies under way finish for a bounded time, and joins. A handler that
  /// still runs is waited for, so end first what it waits for. Idempotent; one thread at a
  /// time.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::http
