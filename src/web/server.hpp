#pragma once

#include "base/error.hpp"
#include "web/callbacks.hpp"
#include "web/limits.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace inferometer::web {

/// The HTTP server of the daemon; design.md, section 7, lists its routes.
class Server {
 public:
  /// Listens on all of `listen` (see web/listen.hpp for the forms) and serves at once.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(
      const std::vector<std::string>& listen, Callbacks callbacks, const Limits& limits = {});

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Where it listens, in the order given, with the real port in place of 0.
  [[nodiscard]] const std::vector<std::string>& addresses() const;
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const;

  /// Stops listening, lets replies under way finish for a bounded time, and joins. A callback that
  /// still runs is waited for, so stop first what a probe waits for. Idempotent; one thread at a
  /// time.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::web
