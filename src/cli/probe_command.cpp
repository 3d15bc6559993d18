#include "base/log.hpp"
#include "base/printable.hpp"
#include "cli/adhoc_target.hpp"
#include "cli/cli.hpp"
#include "cli/condition.hpp"
#include "cli/terminal/output.hpp"
#include "cli/terminal/tally.hpp"
#include "cli/terminal/terminal.hpp"
#include "config/secrets.hpp"
#include "daemon/signals.hpp"
#include "measure/render.hpp"
#include "probe/runner.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <future>

namespace inferometer::cli {
namespace {

using measure::Measurement;

/// Makes attempts at one target, one after the other.
class Prober {
 public:
  Prober(const ChosenTarget& chosen, const daemon::Signals& signals)
      : m_target(std::make_shared<const config::Target>(chosen.target)), m_signals(signals) {
    m_runner.set_trust(chosen.trust);
  }
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober() { stop(); }

  /// One attempt from begin to end; none if a signal cut it.
  std::optional<Measurement> probe() {
    constexpr base::Duration k_poll = std::chrono::milliseconds(10);
    auto future = probe::start_single_attempt(m_runner, m_target);
    while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (is_interrupted(k_poll)) {
        stop();
      }
    }
    return future.get();
  }

  /// Waits; false if a signal came first.
  bool wait_until(base::MonotonicTime when) {
    const base::Duration left = when - base::system_clock().now();
    return left <= base::Duration::zero() || !is_interrupted(left);
  }

 private:
  bool is_interrupted(base::Duration timeout) {
    const auto signal = m_signals.wait(timeout);
    return signal && *signal != SIGHUP;
  }

  void stop() {
    m_background->stop();
    m_transport->stop();
  }

  const std::shared_ptr<const config::Target> m_target;
  const daemon::Signals& m_signals;
  const std::unique_ptr<transport::Transport> m_transport = transport::make_transport({});
  const std::unique_ptr<transport::Transport> m_background = transport::make_transport({});
  probe::Runner m_runner{
      {.transport = *m_transport, .background = *m_background, .clock = base::system_clock()}};
};

/// Turns attempts into the text that is printed: one whole attempt, or a line for each of several
/// and what they come to.
class Report {
 public:
  explicit Report(const ProbeOptions& options)
      : m_json(options.json),
        m_several(options.attempts > 1),
        m_terminal(terminal_behind(STDOUT_FILENO)) {}

  [[nodiscard]] std::string begin() const {
    if (!m_several) {
      return {};
    }
    return m_json ? "{\"attempts\": [" : attempt_heading(m_terminal);
  }

  /// Of the attempt that `tally` had last.
  [[nodiscard]] std::string attempt(const Measurement& measurement, const Tally& tally) const {
    if (m_json) {
      const std::string_view separator = !m_several ? "" : tally.attempts == 1 ? "\n" : ",\n";
      return fmt::format("{}{}{}", separator, measure::to_json(measurement), m_several ? "" : "\n");
    }
    std::string text = m_several ? attempt_line(tally.attempts, measurement, m_terminal)
                                 : measure::to_timeline(measurement);
    if (measurement.answer) {
      text += fmt::format("answer\n{}\n", base::printable(*measurement.answer));
    }
    return text;
  }

  [[nodiscard]] std::string end(const Tally& tally) const {
    if (!m_several) {
      return {};
    }
    return m_json ? fmt::format("\n],\n\"summary\": {}}}\n", to_json(tally))
                  : '\n' + to_table(tally, m_terminal);
  }

 private:
  const bool m_json;
  const bool m_several;
  const Terminal m_terminal;
};

/// Why the run was not good; none if it was. Says nothing of a failed output, which was reported.
std::vector<std::string> run_attempts(const ProbeOptions& options, const ChosenTarget& chosen,
                                      const daemon::Signals& signals, bool& printed) {
  Prober prober(chosen, signals);
  Output output(signals);
  const Report report(options);
  Tally tally;
  bool interrupted = false;
  printed = output.print(report.begin()) == Output::Result::written;
  while (printed && !interrupted && tally.attempts < options.attempts) {
    const base::MonotonicTime next = base::system_clock().now() + options.interval;
    const auto measurement = prober.probe();
    if (measurement) {
      tally.add(*measurement);
      printed = output.print(report.attempt(*measurement, tally)) == Output::Result::written;
    }
    interrupted =
        !measurement || (tally.attempts < options.attempts && printed && !prober.wait_until(next));
  }
  if (printed) {
    printed = output.print(report.end(tally)) == Output::Result::written;
  }
  std::vector<std::string> reasons;
  if (interrupted) {
    reasons.emplace_back("interrupted");
  }
  if (tally.attempts > 0 || !interrupted) {
    const std::vector<std::string> judged = reasons_to_fail(options.fail_if, tally);
    reasons.insert(reasons.end(), judged.begin(), judged.end());
  }
  return reasons;
}

}  // namespace

int run_probe(const ProbeOptions& options) {
  base::log::configure(base::log::Level::warn, base::log::Format::logfmt);
  // Before signals are blocked, so that waiting for a pipe can be interrupted.
  auto chosen = choose_target(options);
  if (!chosen) {
    std::fprintf(stderr, "%s\n", chosen.error().message.c_str());
    return k_exit_usage;
  }
  const auto missing = config::missing_secrets(chosen->target.provider);
  for (const config::MissingSecret& secret : missing) {
    std::fprintf(stderr, "%s: %s\n", secret.key.c_str(), secret.reason.c_str());
  }
  if (!missing.empty()) {
    return k_exit_usage;
  }
  chosen->target.keep_answer = options.show_answer;
  const daemon::Signals signals;
  bool printed = false;
  const std::vector<std::string> reasons = run_attempts(options, *chosen, signals, printed);
  for (const std::string& reason : reasons) {
    std::fprintf(stderr, "failed: %s\n", reason.c_str());
  }
  return printed && reasons.empty() ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
