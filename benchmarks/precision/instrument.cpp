#include "precision/instrument.hpp"

#include "base/mutex.hpp"
#include "measure/derive.hpp"
#include "precision/request.hpp"
#include "probe/runner.hpp"

#include <algorithm>
#include <thread>

namespace inferometer::precision {
namespace {

using transport::Flow;
using transport::Listener;
using transport::Report;
using transport::Request;
using transport::ResponseHead;
using transport::Transport;

/// Passes everything on to the real listener, and notes the stamps on the way.
class NotingListener final : public Listener {
 public:
  NotingListener(std::unique_ptr<Listener> real, StampLog& stamps,
                 std::vector<base::Duration>& first_delays)
      : m_real(std::move(real)), m_stamps(stamps), m_first_delays(first_delays) {}

  void on_started(base::MonotonicTime now) override { m_real->on_started(now); }
  void on_request_begin(base::MonotonicTime now) override { m_real->on_request_begin(now); }
  Flow on_head(ResponseHead head, const transport::Arrival& arrival) override {
    return m_real->on_head(std::move(head), arrival);
  }
  Flow on_body(std::string_view bytes, const transport::Arrival& arrival) override {
    const auto delay = m_stamps.note(bytes, arrival.at);
    if (!m_has_content && delay) {
      m_has_content = true;
      m_first_delays.push_back(*delay);
    }
    return m_real->on_body(bytes, arrival);
  }
  [[nodiscard]] base::MonotonicTime deadline() const override { return m_real->deadline(); }
  void on_deadline(base::MonotonicTime now) override { m_real->on_deadline(now); }
  void on_end(const Report& report) override { m_real->on_end(report); }

 private:
  const std::unique_ptr<Listener> m_real;
  StampLog& m_stamps;
  std::vector<base::Duration>& m_first_delays;
  bool m_has_content = false;
};

/// The real transport, with a NotingListener before each listener.
class NotingTransport final : public Transport {
 public:
  NotingTransport(StampLog& stamps, std::vector<base::Duration>& first_delays)
      : m_real(transport::make_transport({})),
        m_stamps(stamps),
        m_first_delays(first_delays) {}

  void start(Request request, std::unique_ptr<Listener> listener) override {
    m_real->start(std::move(request),
                  std::make_unique<NotingListener>(std::move(listener), m_stamps, m_first_delays));
  }
  [[nodiscard]] std::size_t open() const override { return m_real->open(); }
  [[nodiscard]] base::MonotonicTime last_turn() const override { return m_real->last_turn(); }
  void stop() override { m_real->stop(); }

 private:
  const std::unique_ptr<Transport> m_real;
  // Used on the real transport's thread only.
  StampLog& m_stamps;
  std::vector<base::Duration>& m_first_delays;
};

std::shared_ptr<const config::Target> make_target(const Load& load, std::uint16_t port) {
  auto target = std::make_shared<config::Target>();
  target->provider.name = "sim";
  target->provider.protocol = "openai-chat";
  target->provider.base_url = fmt::format("http://127.0.0.1:{}/v1", port);
  for (const auto& [name, value] : simulator_headers(load)) {
    target->provider.headers.emplace(name, value);
  }
  target->model.name = "m";
  target->workload = {.name = "precision", .input_tokens = 8, .output_tokens = load.tokens};
  return target;
}

/// Takes the attempts' results; the transport's thread adds, the main thread reads at the end.
class Tally {
 public:
  explicit Tally(base::Duration true_ttft) : m_true_ttft(true_ttft) {}

  void add(const std::optional<measure::Measurement>& measurement) {
    const auto ttft = measurement ? measure::time_to_first_token(*measurement) : std::nullopt;
    const base::LockGuard lock(m_mutex);
    if (ttft && measurement->outcome == measure::Outcome::success) {
      m_ttft_errors.push_back(*ttft - m_true_ttft);
    } else {
      ++m_failed;
    }
  }

  void move_to(Result& result) {
    const base::LockGuard lock(m_mutex);
    result.ttft_errors = std::move(m_ttft_errors);
    result.failed_streams = m_failed;
  }

 private:
  const base::Duration m_true_ttft;
  base::Mutex m_mutex;
  std::vector<base::Duration> m_ttft_errors GUARDED_BY(m_mutex);
  std::uint64_t m_failed GUARDED_BY(m_mutex) = 0;
};

}  // namespace

Result run_instrument(const Load& load, std::uint16_t port) {
  Result result;
  Tally tally(load.ttft);
  StampLog stamps(std::size_t{load.streams} * load.tokens);
  const std::uint64_t memory_before = resident_bytes();
  const base::Duration cpu_before = process_cpu();
  {
    NotingTransport transport(stamps, result.first_delays);
    const auto background = transport::make_transport({});
    probe::Runner runner(
        {.transport = transport, .background = *background, .clock = base::system_clock()});
    const auto target = make_target(load, port);
    for (std::uint32_t i = 0; i < load.streams; ++i) {
      runner.start({.target = target, .scheduled = base::system_clock().now(), .attempt = 1},
                   [&tally](const std::optional<measure::Measurement>& measurement) {
                     tally.add(measurement);
                   });
    }
    while (transport.open() > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (transport.open() == load.streams) {
        result.memory_bytes = std::max(result.memory_bytes, resident_bytes());
      }
    }
    result.cpu = process_cpu() - cpu_before;
  }
  result.memory_bytes -= std::min(result.memory_bytes, memory_before);
  result.delays = std::move(stamps.delays());
  tally.move_to(result);
  return result;
}

}  // namespace inferometer::precision
