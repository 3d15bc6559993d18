#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "sim/model/behaviour.hpp"
#include "sim/model/fault.hpp"
#include "sim/server_metrics.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace inferometer::sim {

struct Options {
  std::string listen = "127.0.0.1:0";  ///< in the forms of base/listen.hpp
  std::uint64_t seed = 1;              ///< of everything that is drawn
  std::string profile = "vllm-h100";   ///< answers on the paths that name no profile
  Behaviour behaviour;                 ///< what a request's own `X-Sim-…` headers may override
  std::uint32_t slots = 0;             ///< generations at once, of each profile; 0: no limit
  double slowdown = 0;  ///< delays grow by this share when all slots are taken; needs `slots`
  MetricsKind metrics = MetricsKind::vllm;  ///< whose names the figures on /metrics have
  base::Secret key;                         ///< the API key to ask for; empty: none
  std::size_t max_connections = 10'000;
  Duration client_timeout = std::chrono::seconds(60);  ///< for slow and idle clients
};

/// The simulated providers on one port: the paths of every API in wire_formats(), each also behind
/// `/<profile>`, as is `GET /metrics`; and `GET /healthz`. One thread and one event loop of its
/// own. Each connection takes a file descriptor; where they run out, clients wait to be accepted.
class Server {
 public:
  /// Listens and serves from now on. The error says which option is wrong or why it cannot listen.
  [[nodiscard]] static base::Result<Server> start(Options options);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  ///< stops

  [[nodiscard]] std::uint16_t port() const;

  /// Breaks off all connections and joins the thread. Idempotent; call it from one thread only.
  void stop();

  /// Like the other counts: safe on any thread, also after stop().
  [[nodiscard]] std::uint64_t requests() const;
  [[nodiscard]] std::uint64_t open_connections() const;
  [[nodiscard]] std::uint64_t waiting() const;  ///< requests that wait for a slot now
  [[nodiscard]] std::uint64_t count(Fault fault) const;

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> m_core;
};

}  // namespace inferometer::sim
