#include "selftest/stamp_server.hpp"

#include "base/listen.hpp"
#include "transport/poller.hpp"

#include <fmt/format.h>
#include <linux/net_tstamp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <queue>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace inferometer::selftest {
namespace {

using base::MonotonicTime;

/// Accepted in one turn; the rest waits for what is due.
constexpr int k_accepts_per_turn = 16;

/// A connection and the moment for which it stands in the queue.
struct Client {
  explicit Client(ServerConnection made) : connection(std::move(made)) {}

  ServerConnection connection;
  std::optional<MonotonicTime> queued;
  bool watched_for_writing = false;
};

/// Accepted sockets inherit this: else requests that come before they are accepted have no stamp.
void stamp_arrivals(int listener) {
  constexpr int k_flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPING, &k_flags, sizeof k_flags);
}

base::Result<base::Listener> listen_on_loopback() {
  auto listeners = base::listen_on({"127.0.0.1:0"}, "address");
  if (!listeners) {
    return tl::make_unexpected(listeners.error());
  }
  stamp_arrivals(listeners->front().socket.get());
  return std::move(listeners->front());
}

}  // namespace

std::string_view to_string(Wire wire) {
  switch (wire) {
    case Wire::clear_text:
      return "clear text";
    case Wire::tls:
      return "TLS";
    case Wire::http2:
      return "HTTP/2";
  }
  return "";
}

struct StampServer::Impl {
  Impl(base::Listener listening, std::shared_ptr<const ServerTls> with_tls, const Pace& with_pace)
      : listener(std::move(listening)), tls(std::move(with_tls)), pace(with_pace) {}

  void run();
  void turn();
  void accept_some();
  void on_ready(const transport::Poller::Ready& ready);
  void send_due();
  void settle(Client& client);

  const base::Listener listener;
  const std::shared_ptr<const ServerTls> tls;
  const Pace pace;
  std::atomic<bool> stopping{false};
  transport::Poller poller;
  transport::net::KernelClock clock;
  std::unordered_map<int, Client> clients;  // by descriptor
  // Moments, the earliest first. What a client is no longer queued for is passed over.
  using Moment = std::pair<MonotonicTime, int>;
  std::priority_queue<Moment, std::vector<Moment>, std::greater<>> queue;
  std::array<char, 16UL * 1024> scratch{};
  std::thread thread;
};

base::Result<std::unique_ptr<StampServer>> StampServer::start(Wire wire, const Pace& pace) {
  base::Result<base::Listener> listener = listen_on_loopback();
  if (!listener) {
    return tl::make_unexpected(listener.error());
  }
  std::shared_ptr<const ServerTls> tls;
  if (wire != Wire::clear_text) {
    auto made = ServerTls::make(wire == Wire::http2);
    if (!made) {
      return tl::make_unexpected(made.error());
    }
    tls = *std::move(made);
  }
  try {
    auto impl = std::make_unique<Impl>(*std::move(listener), std::move(tls), pace);
    impl->poller.watch(impl->listener.socket.get(), true, false);
    impl->thread = std::thread([raw = impl.get()] { raw->run(); });
    return std::unique_ptr<StampServer>(new StampServer(std::move(impl)));
  } catch (const std::system_error& error) {
    return base::fail(fmt::format("cannot start the stamp server: {}", error.what()));
  }
}

StampServer::StampServer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

StampServer::~StampServer() {
  m_impl->stopping = true;
  m_impl->poller.wake();
  m_impl->thread.join();
}

std::uint16_t StampServer::port() const {
  return m_impl->listener.port;
}

std::string StampServer::url() const {
  return fmt::format("{}://127.0.0.1:{}/v1/chat/completions", m_impl->tls ? "https" : "http",
                     m_impl->listener.port);
}

std::string StampServer::ca_file() const {
  return m_impl->tls ? m_impl->tls->ca_file() : "";
}

void StampServer::Impl::run() {
  prctl(PR_SET_NAME, "stamp-server");
  prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: write when it is time, not 50 µs later
  while (!stopping) {
    try {
      turn();
    } catch (const std::exception&) {
      clients.clear();  // out of resources: the clients see their connections closed
    }
  }
}

void StampServer::Impl::turn() {
  const auto ready = poller.wait(queue.empty() ? std::nullopt : std::optional(queue.top().first));
  send_due();
  for (const transport::Poller::Ready& event : ready) {
    if (event.descriptor == listener.socket.get()) {
      accept_some();
    } else {
      on_ready(event);
    }
    send_due();  // handshakes take long
  }
}

void StampServer::Impl::accept_some() {
  for (int i = 0; i < k_accepts_per_turn; ++i) {
    base::Descriptor accepted = base::accept_from(listener);
    if (!accepted.valid()) {
      return;
    }
    const int descriptor = accepted.get();
    poller.watch(descriptor, true, false);
    clients.try_emplace(descriptor, ServerConnection(std::move(accepted), clock, tls, pace));
  }
}

void StampServer::Impl::on_ready(const transport::Poller::Ready& ready) {
  const auto found = clients.find(ready.descriptor);
  if (found == clients.end()) {
    return;
  }
  ServerConnection& connection = found->second.connection;
  if (ready.writable) {
    connection.on_writable();
  }
  if (ready.readable || ready.failed) {
    connection.on_readable(scratch);
  }
  settle(found->second);
}

void StampServer::Impl::send_due() {
  while (!queue.empty() && queue.top().first <= std::chrono::steady_clock::now()) {
    const auto [when, descriptor] = queue.top();
    queue.pop();
    const auto found = clients.find(descriptor);
    if (found == clients.end() || found->second.queued != when) {
      continue;
    }
    found->second.queued.reset();
    found->second.connection.on_due();
    settle(found->second);
  }
}

/// Does what a client's state asks for after each of its calls. `client` may be gone then.
void StampServer::Impl::settle(Client& client) {
  ServerConnection& connection = client.connection;
  const int descriptor = connection.descriptor();
  if (connection.over()) {
    poller.forget(descriptor);
    clients.erase(descriptor);
    return;
  }
  if (client.watched_for_writing != connection.wants_write()) {
    client.watched_for_writing = connection.wants_write();
    poller.watch(descriptor, true, client.watched_for_writing);
  }
  if (const auto due = connection.due(); due && client.queued != due) {
    client.queued = due;
    queue.emplace(*due, descriptor);
  }
}

}  // namespace inferometer::selftest
