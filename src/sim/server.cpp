#include "sim/server.hpp"

#include "base/listen.hpp"
#include "base/log.hpp"
#include "sim/connection.hpp"
#include "sim/http/event_loop.hpp"
#include "sim/model/provider.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <deque>
#include <exception>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace inferometer::sim {
namespace {

/// Connections that are taken in a row, so that streams keep their deadlines meanwhile.
constexpr int k_accepted_at_once = 16;

/// How long the server waits when it cannot take a connection: too many, or out of descriptors.
constexpr Duration k_accept_pause = std::chrono::milliseconds(50);

/// Requests that are served in a row, for the same reason.
constexpr int k_served_at_once = 4;

constexpr std::size_t k_input_size = std::size_t{64} * 1024;

}  // namespace

/// What the loop's callbacks touch belongs to its thread until that is joined.
class Server::Core {
 public:
  Core(Options options, const Profile& profile, base::Listener listener)
      : m_max_connections(options.max_connections),
        m_listener(std::move(listener)),
        m_host{
            .loop = m_loop,
            .router = Router({.seed = options.seed,
                              .profile = &profile,
                              .behaviour = std::move(options.behaviour),
                              .key = std::move(options.key)}),
            .slots = std::vector<Slots>(profiles().size(), Slots(options.slots, options.slowdown)),
            .metrics =
                std::vector<ServerMetrics>(profiles().size(), ServerMetrics(options.metrics)),
            .client_timeout = options.client_timeout,
            .counters = m_counters,
            .output = {},
            .input = std::vector<char>(k_input_size),
            .on_input = [this](Slots::Id id) { serve_later(id); },
            .on_place = [this](Slots::Id id) { m_connections.at(id)->take_place(); },
            .on_closed = [this](Slots::Id id) { retire(id); }},
        m_acceptable(m_loop, m_listener.socket.get(), Event::Readiness::readable,
                     [this] { accept_some(); }),
        m_accept_again(m_loop, [this] { m_acceptable.add(); }),
        m_serve(m_loop, [this] { serve_some(); }),
        m_free_retired(m_loop, [this] { m_retired.clear(); }) {
    m_acceptable.add();
    m_thread = std::thread([this] { m_loop.run(); });
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() { stop(); }

  void stop() {
    if (m_thread.joinable()) {
      m_loop.stop();
      m_thread.join();
      m_connections.clear();
      m_retired.clear();
      m_counters.open_connections = 0;
      m_counters.waiting = 0;
      m_listener.socket.close();
    }
  }

  [[nodiscard]] std::uint16_t port() const { return m_listener.port; }
  [[nodiscard]] const Counters& counters() const { return m_counters; }

 private:
  void accept_some() {
    for (int i = 0; i < k_accepted_at_once; ++i) {
      if (m_connections.size() >= m_max_connections) {
        pause_accepting();
        return;
      }
      base::Descriptor socket = base::accept_from(m_listener);
      if (!socket.valid()) {
        if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
          base::log::warn("simulator cannot take a connection",
                          {{"error", std::generic_category().message(errno)}});
          pause_accepting();
        }
        return;
      }
      adopt(std::move(socket));
    }
  }

  void adopt(base::Descriptor socket) {
    const Slots::Id id = m_next_id++;
    try {
      m_connections.emplace(id, std::make_unique<Connection>(m_host, id, std::move(socket)));
      ++m_counters.open_connections;
    } catch (const std::exception& error) {
      base::log::error("simulator drops a connection", {{"error", error.what()}});
    }
  }

  void pause_accepting() {
    m_acceptable.remove();
    m_accept_again.set(base::system_clock().now() + k_accept_pause);
  }

  void serve_later(Slots::Id id) {
    m_inputs.push_back(id);
    m_serve.set(base::system_clock().now());
  }

  void serve_some() {
    for (int i = 0; i < k_served_at_once && !m_inputs.empty(); ++i) {
      const auto found = m_connections.find(m_inputs.front());
      m_inputs.pop_front();
      if (found != m_connections.end()) {
        found->second->serve();
      }
    }
    if (!m_inputs.empty()) {
      m_serve.set(base::system_clock().now());
    }
  }

  /// The connection itself is the caller, so it is destroyed on the loop's next turn.
  void retire(Slots::Id id) {
    const auto found = m_connections.find(id);
    m_retired.push_back(std::move(found->second));
    m_connections.erase(found);
    --m_counters.open_connections;
    m_free_retired.set(base::system_clock().now());
  }

  const std::size_t m_max_connections;
  base::Listener m_listener;
  Counters m_counters;
  EventLoop m_loop;
  Host m_host;
  Event m_acceptable;
  Event m_accept_again;
  Event m_serve;
  Event m_free_retired;
  Slots::Id m_next_id = 0;
  std::unordered_map<Slots::Id, std::unique_ptr<Connection>> m_connections;
  std::vector<std::unique_ptr<Connection>> m_retired;
  std::deque<Slots::Id> m_inputs;  ///< connections whose input waits to be served
  std::thread m_thread;
};

base::Result<Server> Server::start(Options options) {
  if (options.slowdown < 0 || (options.slowdown > 0 && options.slots == 0)) {
    return base::fail(fmt::format(
        "a slow-down of {} with {} slots makes no sense: give a number that is not negative, and "
        "the slots over which it grows",
        options.slowdown, options.slots));
  }
  const base::Result<const Profile*> profile = find_profile(options.profile);
  if (!profile) {
    return base::fail(profile.error().message);
  }
  base::Result<std::vector<base::Listener>> listeners =
      base::listen_on({options.listen}, "--listen");
  if (!listeners) {
    return base::fail(listeners.error().message);
  }
  try {
    return Server(
        std::make_unique<Core>(std::move(options), **profile, std::move(listeners->front())));
  } catch (const std::exception& error) {
    return base::fail(fmt::format("cannot start the simulator: {}", error.what()));
  }
}

Server::Server(std::unique_ptr<Core> core) : m_core(std::move(core)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const {
  return m_core->port();
}
void Server::stop() {
  m_core->stop();
}
std::uint64_t Server::requests() const {
  return m_core->counters().requests;
}
std::uint64_t Server::open_connections() const {
  return m_core->counters().open_connections;
}
std::uint64_t Server::waiting() const {
  return m_core->counters().waiting;
}

std::uint64_t Server::count(Fault fault) const {
  return m_core->counters().faults[static_cast<std::size_t>(fault)];
}

}  // namespace inferometer::sim
