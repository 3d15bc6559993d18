#pragma once

#include "base/thread/mutex.hpp"
#include "measure/measurement.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::measure {

/// The last attempt at a target.
struct LastAttempt {
  std::string id;
  base::WallTime started_at{};
  Outcome outcome = Outcome::internal_error;
  std::string detail;  ///< as in Measurement: for people
  int http_status = 0;
  std::optional<Duration> ttft;
  std::optional<Duration> duration;
  bool suspect = false;
};

/// One of the latest attempts at a target, as little as a row of them needs.
struct PastAttempt {
  std::uint64_t id = 0;  ///< the number that Measurement::id writes in hexadecimal digits
  base::WallTime started_at{};
  Outcome outcome = Outcome::internal_error;
  bool suspect = false;
  std::optional<Duration> figure;  ///< of a success: the TTFT, the duration where nothing streams
};

/// How many of them are kept for each target.
inline constexpr std::size_t k_history = 30;

/// Ticks that started nothing.
struct SkipCount {
  std::string_view reason;  ///< of static storage
  std::uint64_t count = 0;
};

/// The time since the last success.
struct FailingRun {
  base::WallTime since{};  ///< when the first failure of the run began
  std::uint64_t attempts = 0;
};

/// One target at a glance. Quantiles are those of the samples, to seven digits, over the last
/// successes that were not suspect: the last 1,024 attempts, and the last 4,096 gaps; no value
/// before the first.
struct Summary {
  config::TargetKey target;
  std::uint64_t attempts = 0;
  std::uint64_t failures = 0;  ///< of these; internal errors included
  std::uint64_t suspects = 0;  ///< of these
  std::vector<SkipCount> skips;
  std::optional<LastAttempt> last;
  std::optional<FailingRun> failing;  ///< none: the last attempt was a success, or there is none
  std::vector<PastAttempt> history;   ///< the last k_history, in the order in which they ended
  std::optional<std::chrono::sys_seconds>
      certificate_expiry;  ///< as the last TLS connection had it
  bool streamed = true;    ///< false: its answers come whole and have a duration but no TTFT
  std::optional<Duration> ttft_p50;
  std::optional<Duration> ttft_p95;
  std::optional<Duration> ttft_p99;
  std::optional<Duration> duration_p50;  ///< only where nothing streams, as are the next two
  std::optional<Duration> duration_p95;
  std::optional<Duration> duration_p99;
  std::optional<Duration> itl_p50;
  std::optional<double> output_tokens_per_second_p50;
};

/// The recent figures of one target. Thread-safe; a reader delays a recording thread only while it
/// copies the samples.
class TargetSummary {
 public:
  explicit TargetSummary(config::TargetKey target);
  TargetSummary(const TargetSummary&) = delete;
  TargetSummary& operator=(const TargetSummary&) = delete;
  ~TargetSummary();

  /// Takes a finished attempt at the target.
  void record(const Measurement& measurement) EXCLUDES(m_mutex);

  /// `count` ticks started nothing. `reason` is of static storage, one of a few.
  void skip(std::string_view reason, std::uint64_t count) EXCLUDES(m_mutex);

  [[nodiscard]] Summary snapshot() const EXCLUDES(m_mutex);

 private:
  struct State;
  mutable base::Mutex m_mutex;
  const std::unique_ptr<State> m_state GUARDED_BY(m_mutex);
};

/// Recent figures of every target in memory, for pages and live tables. Thread-safe.
class Summaries {
 public:
  Summaries();
  Summaries(const Summaries&) = delete;
  Summaries& operator=(const Summaries&) = delete;
  ~Summaries();

  /// The targets that are summarised from now on; kept ones keep their figures. One thread at a
  /// time.
  void set_targets(const std::vector<config::TargetKey>& targets);

  /// The target's own, for callers that record often; null if it is not one of the targets. A
  /// target that stays over set_targets keeps it. That of a removed one may still be used, and is
  /// seen no more.
  [[nodiscard]] std::shared_ptr<TargetSummary> find(const config::TargetKey& target) const;

  /// One summary for each target, sorted by key.
  [[nodiscard]] std::vector<Summary> snapshot() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::measure
