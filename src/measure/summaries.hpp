#pragma once

#include "measure/measurement.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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

/// One target at a glance. Quantiles are exact, over the last successes that were not suspect: the
/// last 1,024 attempts, and the last 4,096 gaps; no value before the first.
struct Summary {
  config::TargetKey target;
  std::uint64_t attempts = 0;
  std::uint64_t failures = 0;  ///< of these; internal errors included
  std::uint64_t suspects = 0;  ///< of these
  std::optional<LastAttempt> last;
  std::optional<Duration> ttft_p50;
  std::optional<Duration> ttft_p95;
  std::optional<Duration> ttft_p99;
  std::optional<Duration> itl_p50;
  std::optional<double> output_tokens_per_second_p50;
};

/// Recent figures of every target in memory, for pages and live tables. Thread-safe; a reader holds
/// up a recording thread only while it copies the samples of that one target.
class Summaries {
 public:
  Summaries();
  Summaries(const Summaries&) = delete;
  Summaries& operator=(const Summaries&) = delete;
  ~Summaries();

  /// The targets that are summarised from now on; kept ones keep their figures. One thread at a
  /// time.
  void set_targets(const std::vector<config::TargetKey>& targets);

  /// Takes a finished attempt; one at an unknown target is dropped.
  void record(const Measurement& measurement);

  /// One summary for each target, sorted by key.
  [[nodiscard]] std::vector<Summary> snapshot() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::measure
