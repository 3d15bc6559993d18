#include "precision/instrument.hpp"

#include "precision/noting_transport.hpp"
#include "probe/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

namespace inferometer::precision {
namespace {

using namespace std::chrono_literals;
using base::MonotonicTime;

std::shared_ptr<const config::Target> make_target(const Plan& plan, const Server& server) {
  auto target = std::make_shared<config::Target>();
  const bool tls = plan.wire != selftest::Wire::clear_text;
  target->provider.name = "stamps";
  target->provider.protocol = "openai-chat";
  target->provider.base_url =
      fmt::format("{}://127.0.0.1:{}/v1", tls ? "https" : "http", server.port());
  target->provider.tls.ca_file = server.ca_file();
  target->model.name = "m";
  target->workload = {.name = "precision", .input_tokens = 8, .output_tokens = plan.pace.events};
  target->connection =
      plan.reuse ? config::ConnectionPolicy::reuse : config::ConnectionPolicy::fresh;
  return target;
}

/// Attempts at one target, as the daemon makes them.
class Attempts {
 public:
  Attempts(const Plan& plan, const Server& server)
      : m_plan(plan),
        m_transport({.kernel_stamps = plan.kernel_stamps},
                    std::size_t{plan.streams} * (plan.reuse ? 2 : 1), plan.pace.events),
        m_background(transport::make_transport({})),
        m_runner(
            {.transport = m_transport, .background = *m_background, .clock = base::system_clock()}),
        m_target(make_target(plan, server)) {}
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;
  ~Attempts() {
    m_background->stop();
    m_transport.stop();
  }

  /// Starts as many as are to be open at once.
  void fill() {
    for (std::size_t open = m_transport.open(); open < m_plan.streams; ++open) {
      start();
    }
  }

  /// Waits until all have ended; returns the highest resident memory while all were open.
  std::uint64_t wait() {
    std::uint64_t resident = 0;
    while (m_transport.open() > 0) {
      std::this_thread::sleep_for(50ms);
      if (m_transport.open() == m_plan.streams) {
        resident = std::max(resident, resident_bytes());
      }
    }
    return resident;
  }

  [[nodiscard]] std::vector<Answer> take_answers() {
    m_transport.stop();
    return m_transport.take_answers();
  }

 private:
  void start() {
    m_runner.start({.target = m_target, .scheduled = base::system_clock().now(), .attempt = 1},
                   [this](std::optional<measure::Measurement> measurement) {
                     m_transport.ending().measurement = std::move(measurement);
                   });
  }

  const Plan& m_plan;
  NotingTransport m_transport;
  const std::unique_ptr<transport::Transport> m_background;
  probe::Runner m_runner;
  const std::shared_ptr<const config::Target> m_target;
};

/// Says why attempts failed.
void show_failures(const std::vector<Answer>& answers) {
  std::map<std::string_view, int> reasons;
  for (const Answer& answer : answers) {
    if (answer.measurement && answer.measurement->outcome != measure::Outcome::success) {
      ++reasons[to_string(answer.measurement->outcome)];
    }
  }
  for (const auto& [reason, count] : reasons) {
    fmt::print(stderr, "  {} attempts: {}\n", count, reason);
  }
}

}  // namespace

Figures run_instrument(const Plan& plan, const Server& server) {
  Attempts attempts(plan, server);
  if (plan.reuse) {
    attempts.fill();
    attempts.wait();
  }
  const std::uint64_t memory_before = resident_bytes();
  const base::Duration cpu_before = process_cpu();
  const MonotonicTime begun = std::chrono::steady_clock::now();
  attempts.fill();
  while (std::chrono::steady_clock::now() < begun + plan.keep_opening) {
    std::this_thread::sleep_for(5ms);
    attempts.fill();
  }
  const std::uint64_t resident = attempts.wait();
  const base::Duration cpu = process_cpu() - cpu_before;
  std::vector<Answer> answers = attempts.take_answers();
  if (plan.reuse) {
    answers.erase(answers.begin(), answers.begin() + plan.streams);
  }
  show_failures(answers);
  Figures figures = make_figures(std::move(answers), plan.pace.events);
  figures.cpu_per_event =
      base::seconds(cpu) * 1e6 / static_cast<double>(std::max<std::size_t>(figures.events, 1));
  constexpr std::uint32_t k_many = 500;  // beside which the fixed parts are small
  if (resident > memory_before && plan.streams >= k_many && !plan.reuse) {
    figures.memory_per_stream = static_cast<double>(resident - memory_before) / 1024 / plan.streams;
  }
  return figures;
}

}  // namespace inferometer::precision
