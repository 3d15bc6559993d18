#include "base/log.hpp"
#include "base/thread/mutex.hpp"
#include "transport/event_loop.hpp"
#include "transport/inbox.hpp"
#include "transport/poller.hpp"
#include "transport/route.hpp"
#include "transport/tls/context_cache.hpp"
#include "transport/transport.hpp"

#include <sys/prctl.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

namespace inferometer::transport {
namespace {

using base::LockGuard;
using base::Mutex;

/// One thread with one event loop, and what others may call.
class NetworkTransport final : public Transport {
 public:
  explicit NetworkTransport(Options options);
  ~NetworkTransport() override { stop(); }

  ExchangeId start(Request request, std::unique_ptr<Listener> listener) override;
  void cancel(ExchangeId exchange) override { m_inbox.cancel(exchange); }
  [[nodiscard]] std::size_t open() const override { return m_open.load(); }
  [[nodiscard]] MonotonicTime last_turn() const override {
    return MonotonicTime(Duration(m_last_turn.load()));
  }
  void stop() override;

 private:
  void run();

  const Options m_options;
  Poller m_poller;
  Inbox m_inbox;
  std::atomic<ExchangeId> m_last_id{0};
  std::atomic<std::size_t> m_open{0};
  std::atomic<MonotonicTime::rep> m_last_turn;

  Mutex m_join_mutex;
  std::thread m_thread GUARDED_BY(m_join_mutex);
};

NetworkTransport::NetworkTransport(Options options)
    : m_options(std::move(options)),
      m_inbox(m_poller),
      m_last_turn(std::chrono::steady_clock::now().time_since_epoch().count()) {
  const LockGuard lock(m_join_mutex);
  m_thread = std::thread([this] { run(); });
}

Transport::ExchangeId NetworkTransport::start(Request request, std::unique_ptr<Listener> listener) {
  const ExchangeId id = ++m_last_id;
  ++m_open;
  base::Result<Route> route = make_route(request, *m_options.contexts);
  Inbox::Waiting waiting{id, std::move(request), std::move(route), std::move(listener)};
  if (m_inbox.put(waiting)) {
    return id;
  }
  Report report;
  report.ending = Ending::cancelled;
  report.started = report.ended = std::chrono::steady_clock::now();
  waiting.listener->on_end(report);
  --m_open;
  return id;
}

void NetworkTransport::stop() {
  m_inbox.stop();
  const LockGuard lock(m_join_mutex);
  if (m_thread.joinable()) {
    m_thread.join();
  }
}

void NetworkTransport::run() {
  prctl(PR_SET_NAME, "transport");
  prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: wake when asked, not 50 µs later
  EventLoop loop({.poller = m_poller,
                  .inbox = m_inbox,
                  .open = m_open,
                  .last_turn = m_last_turn,
                  .observe_lag = m_options.observe_lag,
                  .kernel_stamps = m_options.kernel_stamps});
  while (!m_inbox.stopping()) {
    try {
      loop.turn();
    } catch (const std::exception& exception) {
      base::log::error("event loop: out of resources; probes may fail",
                       {{"error", exception.what()}});
    }
  }
  loop.cancel_all();
}

}  // namespace

std::unique_ptr<Transport> make_transport(Options options) {
  if (!options.contexts) {
    options.contexts = std::make_shared<tls::ContextCache>();
  }
  return std::make_unique<NetworkTransport>(std::move(options));
}

}  // namespace inferometer::transport
