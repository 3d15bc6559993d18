#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "metrics/family.hpp"
#include "metrics/native_buckets.hpp"
#include "metrics/probe_series.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace inferometer::metrics {

/// A target that has series.
struct SeriesPlan {
  config::TargetKey key;
  Thresholds thresholds;
};

/// All `llm_probe_*` series: the only place that turns a Measurement into metrics. Thread-safe; a
/// scrape never makes a recording thread wait for longer than a look-up.
class Recorder {
 public:
  /// `clock` says when series began; it outlives the recorder.
  explicit Recorder(const base::Clock& clock = base::system_clock());
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder();

  /// The targets that have series from now on, all at once to any scrape. New ones start at 0, kept
  /// ones keep their counts, but for a histogram whose edges or schema have changed; the series of
  /// removed ones vanish at once: what is recorded for them later is dropped. One thread at a time.
  void set_targets(const std::vector<SeriesPlan>& targets,
                   int native_schema = k_default_native_schema);

  /// An attempt has begun: it shows as in flight until `record` or `abandon`.
  void begin(const config::TargetKey& target);

  /// Counts a finished attempt. What goes to the histograms is what measure::samples() gives, so
  /// nothing of an attempt that failed or is suspect. Token figures come from reported usage only.
  /// An internal error is counted, but leaves `llm_probe_success` alone: it says nothing about the
  /// provider.
  void record(const measure::Measurement& measurement);

  /// An attempt was cut by our own shutdown or reload: nothing is counted.
  void abandon(const config::TargetKey& target);

  /// `count` ticks started nothing; `reason` is a value of schedule::SkipReason as text, any other
  /// counts nothing.
  void skip(const config::TargetKey& target, std::string_view reason, std::uint64_t count);

  /// The families that are asked for, in the order of the catalogue; one without any sample is left
  /// out.
  [[nodiscard]] Families collect(const Selection& selection = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::metrics
