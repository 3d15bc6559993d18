#include "selftest/selftest.hpp"

#include "base/thread/mutex.hpp"
#include "selftest/cpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace inferometer::selftest {
namespace {

using base::Duration;
using base::LockGuard;
using base::MonotonicTime;

constexpr Duration k_gap = std::chrono::milliseconds(20);
constexpr Duration k_ttft = std::chrono::milliseconds(50);
/// Between the openings of two streams, so that their events do not come as one.
constexpr Duration k_spread = std::chrono::microseconds(900);
/// How much longer than due a stream may take.
constexpr Duration k_deadline_margin = std::chrono::seconds(5);

MonotonicTime now() {
  return std::chrono::steady_clock::now();
}

/// The streams that ended; the transport's thread adds, another waits for all.
class Collector {
 public:
  explicit Collector(std::size_t expected) : m_expected(expected) {}

  void add(SeenStream stream) EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    m_streams.push_back(std::move(stream));
    m_changed.notify_all();
  }

  /// All of them; each ends by its own deadline.
  std::vector<SeenStream> wait() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    while (m_streams.size() < m_expected) {
      m_changed.wait(m_mutex);
    }
    return std::move(m_streams);
  }

 private:
  const std::size_t m_expected;
  base::Mutex m_mutex;
  base::CondVar m_changed;
  std::vector<SeenStream> m_streams GUARDED_BY(m_mutex);
};

/// Reads as many streams as are asked for, and returns them.
std::vector<SeenStream> read_streams(transport::Transport& transport, const StampServer& server,
                                     const Pace& pace, std::uint32_t streams) {
  Collector collector(streams);
  transport::Request request;
  request.url = server.url();
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{}";
  request.tls.ca_file = server.ca_file();
  const MonotonicTime begin = now();
  const Duration length = pace.ttft + pace.events * pace.gap;
  for (std::uint32_t i = 0; i < streams; ++i) {
    std::this_thread::sleep_until(begin + i * k_spread);
    transport.start(request, std::make_unique<StampListener>(
                                 now() + length + k_deadline_margin,
                                 [&](SeenStream stream) { collector.add(std::move(stream)); }));
  }
  return collector.wait();
}

/// What competes with the instrument.
std::vector<int> load(const std::vector<int>& cpus, bool loaded) {
  if (!loaded) {
    return {};
  }
  std::vector<int> busy = cpus;
  busy.insert(busy.end(), 2, cpus.front());
  return busy;
}

base::Result<void> run_row(Row& row, const Options& options) {
  const Pace pace{.events = options.events, .ttft = k_ttft, .gap = k_gap};
  const std::vector<int> cpus = allowed_cpus();
  std::optional<PinnedTo> pinned(cpus.back());
  const auto server = StampServer::start(row.wire, pace);
  if (!server) {
    return tl::make_unexpected(server.error());
  }
  pinned.reset();
  pinned.emplace(cpus.front());
  const auto transport = transport::make_transport({});
  pinned.reset();
  const BusyThreads busy(load(cpus, row.loaded));
  for (const SeenStream& stream : read_streams(*transport, **server, pace, options.streams)) {
    add(row.accuracy, stream, options.events);
  }
  row.verdict = judge(row.accuracy);
  return {};
}

}  // namespace

std::string to_string(const Row& row) {
  return fmt::format("{}, {}", to_string(row.wire), row.loaded ? "under load" : "at rest");
}

bool is_good(const std::vector<Row>& rows) {
  return !rows.empty() &&
         std::ranges::all_of(rows, [](const Row& row) { return row.verdict == Verdict::good; });
}

base::Result<std::vector<Row>> run(const Options& options,
                                   const std::function<void(const Row&)>& progress) {
  std::vector<Row> rows{{.wire = Wire::clear_text, .loaded = false},
                        {.wire = Wire::tls, .loaded = false},
                        {.wire = Wire::clear_text, .loaded = true},
                        {.wire = Wire::tls, .loaded = true}};
  try {
    for (Row& row : rows) {
      progress(row);
      if (const auto done = run_row(row, options); !done) {
        return tl::make_unexpected(done.error());
      }
    }
  } catch (const std::runtime_error& error) {  // of the transport, or no thread to be had
    return base::fail(error.what());
  }
  return rows;
}

std::vector<Duration> measure_error(transport::Transport& transport) {
  const Pace pace;
  const auto server = StampServer::start(Wire::clear_text, pace);
  if (!server) {
    return {};
  }
  Accuracy accuracy;
  add(accuracy, read_streams(transport, **server, pace, 1).front(), pace.events);
  return accuracy.stamp_errors;
}

}  // namespace inferometer::selftest
