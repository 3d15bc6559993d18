#include "base/log.hpp"
#include "base/mutex.hpp"
#include "transport/curl_exchange.hpp"
#include "transport/lag_history.hpp"
#include "transport/poller.hpp"
#include "transport/transport.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace inferometer::transport {
namespace {

using base::LockGuard;
using base::Mutex;

/// While exchanges are open the loop asks to be woken this often: how late that happens is its lag.
constexpr Duration k_heartbeat = std::chrono::milliseconds(20);

/// Opening a connection costs more than reading an event. A few openings between two rounds of
/// reads keep the stamps of running streams true while hundreds are opened at once.
constexpr int k_openings_per_turn = 4;

/// More than there are targets that ask for reuse.
constexpr long k_max_idle_connections = 10'000;

/// libcurl's global state, set up once and kept for the life of the process.
void initialise_libcurl() {
  static const CURLcode k_result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (k_result != CURLE_OK) {
    throw std::runtime_error(fmt::format("libcurl: {}", curl_easy_strerror(k_result)));
  }
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(Options options);
  ~CurlTransport() override { stop(); }

  void start(Request request, std::unique_ptr<Listener> listener) override;
  [[nodiscard]] std::size_t open() const override { return m_open_count.load(); }
  void stop() override;

 private:
  struct Waiting {
    Request request;
    std::unique_ptr<Listener> listener;
  };
  bool enqueue(Waiting& waiting);
  void run();
  [[nodiscard]] bool stopping();
  void turn();
  [[nodiscard]] Duration lag_since(MonotonicTime begin, MonotonicTime now) const;
  void note_lag(MonotonicTime woken, std::optional<MonotonicTime> due);
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;
  void drive(curl_socket_t socket, int events);
  void expire_deadlines(MonotonicTime now);
  void reap();
  /// Opens some of what waits; true if more is waiting.
  bool open_waiting();
  void open_exchange(Waiting waiting);
  template <typename Result>
  void close_exchange(CurlExchange& exchange, Result result);
  void cancel_all();

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);

  const Options m_options;
  Poller m_poller;
  std::atomic<std::size_t> m_open_count{0};

  Mutex m_mutex;
  std::deque<Waiting> m_waiting GUARDED_BY(m_mutex);
  bool m_stopping GUARDED_BY(m_mutex) = false;

  // All below belong to the loop's thread.
  CURLM* m_multi;
  LoopState m_state;
  std::unordered_map<std::uint64_t, std::unique_ptr<CurlExchange>> m_open;
  std::uint64_t m_last_id = 0;
  std::optional<MonotonicTime> m_curl_timer;
  bool m_more_waiting = false;
  LagHistory m_lags;
  MonotonicTime m_next_heartbeat{};
  std::optional<MonotonicTime> m_busy_since;
  Duration m_worst_lag{};  // since the last heartbeat

  Mutex m_join_mutex;
  std::thread m_thread GUARDED_BY(m_join_mutex);
};

CurlTransport::CurlTransport(Options options) : m_options(std::move(options)) {
  initialise_libcurl();
  m_multi = curl_multi_init();
  if (m_multi == nullptr) {
    throw std::runtime_error("libcurl has no memory for a multi handle");
  }
  curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &CurlTransport::on_socket);
  curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &CurlTransport::on_timer);
  curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
  // By default libcurl keeps four idle connections for each transfer that happens to be open.
  curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, k_max_idle_connections);
  // Streams that share an HTTP/2 connection delay one another: each gets its own.
  curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  const LockGuard lock(m_join_mutex);
  m_thread = std::thread([this] { run(); });
}

void CurlTransport::start(Request request, std::unique_ptr<Listener> listener) {
  ++m_open_count;
  Waiting waiting{std::move(request), std::move(listener)};
  if (enqueue(waiting)) {
    m_poller.wake();
    return;
  }
  Report report;
  report.ending = Ending::cancelled;
  report.started = report.ended = std::chrono::steady_clock::now();
  waiting.listener->on_end(report);
  --m_open_count;
}

/// Takes `waiting` over, unless the loop is ending.
bool CurlTransport::enqueue(Waiting& waiting) {
  const LockGuard lock(m_mutex);
  if (m_stopping) {
    return false;
  }
  m_waiting.push_back(std::move(waiting));
  return true;
}

void CurlTransport::stop() {
  {
    const LockGuard lock(m_mutex);
    m_stopping = true;
  }
  m_poller.wake();
  const LockGuard lock(m_join_mutex);
  if (m_thread.joinable()) {
    m_thread.join();
  }
}

bool CurlTransport::stopping() {
  const LockGuard lock(m_mutex);
  return m_stopping;
}

void CurlTransport::run() {
  prctl(PR_SET_NAME, "transport");
  prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: wake when asked, not 50 µs later
  while (!stopping()) {
    try {
      turn();
    } catch (const std::exception& exception) {
      base::log::error("event loop: out of resources; probes may fail",
                       {{"error", exception.what()}});
    }
  }
  cancel_all();
  curl_multi_cleanup(m_multi);
}

void CurlTransport::turn() {
  const std::optional<MonotonicTime> due = next_due();
  if (m_busy_since) {
    note_lag(std::chrono::steady_clock::now(), m_busy_since);
  }
  const auto ready = m_poller.wait(m_more_waiting ? MonotonicTime::min() : due);
  const MonotonicTime now = std::chrono::steady_clock::now();
  note_lag(now, due);
  m_busy_since = now;
  for (const Poller::Ready& event : ready) {
    drive(event.descriptor, (event.readable ? CURL_CSELECT_IN : 0) |
                                (event.writable ? CURL_CSELECT_OUT : 0) |
                                (event.failed ? CURL_CSELECT_ERR : 0));
  }
  if (m_curl_timer && *m_curl_timer <= now) {
    m_curl_timer.reset();
    drive(CURL_SOCKET_TIMEOUT, 0);
  }
  reap();
  expire_deadlines(now);
  m_more_waiting = open_waiting();
}

/// The loop wanted to go on at `due` and did at `now`.
void CurlTransport::note_lag(MonotonicTime now, std::optional<MonotonicTime> due) {
  const Duration lag = due ? std::max(now - *due, Duration::zero()) : Duration::zero();
  m_lags.record(now, lag);
  m_worst_lag = std::max(m_worst_lag, lag);
  if (m_open.empty() || now < m_next_heartbeat) {
    return;
  }
  m_next_heartbeat = now + k_heartbeat;
  if (m_options.observe_lag) {
    m_options.observe_lag(m_worst_lag);
  }
  m_worst_lag = Duration::zero();
}

std::optional<MonotonicTime> CurlTransport::next_due() const {
  std::optional<MonotonicTime> due = m_curl_timer;
  const auto at_the_latest = [&due](MonotonicTime when) {
    due = due ? std::min(*due, when) : when;
  };
  if (!m_open.empty()) {
    at_the_latest(m_next_heartbeat);
  }
  if (!m_state.deadlines.empty()) {
    at_the_latest(m_state.deadlines.top().first);
  }
  return due;
}

void CurlTransport::drive(curl_socket_t socket, int events) {
  ++m_state.turn;
  int running = 0;
  curl_multi_socket_action(m_multi, socket, events, &running);
}

int CurlTransport::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  Poller& poller = static_cast<CurlTransport*>(self)->m_poller;
  if (what == CURL_POLL_REMOVE) {
    poller.forget(socket);
    return 0;
  }
  try {
    poller.watch(socket, what != CURL_POLL_OUT, what != CURL_POLL_IN);
  } catch (const std::system_error&) {
    return -1;  // libcurl ends all open transfers, and each becomes an internal error
  }
  return 0;
}

int CurlTransport::on_timer(CURLM*, long milliseconds, void* self) {
  auto& timer = static_cast<CurlTransport*>(self)->m_curl_timer;
  if (milliseconds < 0) {
    timer.reset();
  } else {
    timer = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  }
  return 0;
}

void CurlTransport::expire_deadlines(MonotonicTime now) {
  while (!m_state.deadlines.empty() && m_state.deadlines.top().first <= now) {
    const auto found = m_open.find(m_state.deadlines.top().second);
    m_state.deadlines.pop();
    if (found != m_open.end() && found->second->expired(now)) {
      close_exchange(*found->second, Ending::stopped);
    }
  }
}

void CurlTransport::reap() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(m_multi, &left)) {
    if (message->msg == CURLMSG_DONE) {
      CurlExchange* exchange = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
      close_exchange(*exchange, message->data.result);
    }
  }
}

bool CurlTransport::open_waiting() {
  for (int opened = 0; opened < k_openings_per_turn; ++opened) {
    std::optional<Waiting> next;
    {
      const LockGuard lock(m_mutex);
      if (m_waiting.empty()) {
        return false;
      }
      next = std::move(m_waiting.front());
      m_waiting.pop_front();
    }
    open_exchange(std::move(*next));
  }
  return true;
}

void CurlTransport::open_exchange(Waiting waiting) {
  auto owned = std::make_unique<CurlExchange>(++m_last_id, std::move(waiting.request),
                                              std::move(waiting.listener), m_state);
  CurlExchange& exchange = *owned;
  if (m_open.empty()) {
    m_next_heartbeat = std::chrono::steady_clock::now() + k_heartbeat;
  }
  m_open.emplace(exchange.id(), std::move(owned));
  if (exchange.begin(std::chrono::steady_clock::now())) {
    const CURLMcode added = curl_multi_add_handle(m_multi, exchange.handle());
    if (added == CURLM_OK) {
      drive(CURL_SOCKET_TIMEOUT, 0);  // starts it now rather than at the next turn
      return;
    }
    exchange.fail(Ending::internal_error, curl_multi_strerror(added));
  }
  close_exchange(exchange, Ending::internal_error);
}

/// The loop's worst delay since `begin`, with that of the turn that is not over yet.
Duration CurlTransport::lag_since(MonotonicTime begin, MonotonicTime now) const {
  const MonotonicTime turn_begin = m_busy_since.value_or(now);
  return std::max(m_lags.worst_since(begin), now - std::max(turn_begin, begin));
}

template <typename Result>
void CurlTransport::close_exchange(CurlExchange& exchange, Result result) {
  const MonotonicTime now = std::chrono::steady_clock::now();
  const auto begin = exchange.request_begin();
  exchange.end(result, now, begin ? lag_since(*begin, now) : Duration::zero());
  curl_multi_remove_handle(m_multi, exchange.handle());
  m_open.erase(exchange.id());
  --m_open_count;
  if (m_open.empty()) {
    m_lags.forget_before(MonotonicTime::max());
  }
}

void CurlTransport::cancel_all() {
  while (!m_open.empty()) {
    close_exchange(*m_open.begin()->second, Ending::cancelled);
  }
  std::deque<Waiting> waiting;
  {
    const LockGuard lock(m_mutex);
    waiting.swap(m_waiting);
  }
  for (Waiting& entry : waiting) {
    CurlExchange exchange(++m_last_id, std::move(entry.request), std::move(entry.listener),
                          m_state);
    exchange.end(Ending::cancelled, std::chrono::steady_clock::now(), Duration::zero());
    --m_open_count;
  }
}

}  // namespace

std::unique_ptr<Transport> make_curl_transport(Options options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

}  // namespace inferometer::transport
