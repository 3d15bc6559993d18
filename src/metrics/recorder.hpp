#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "metrics/histogram/native_buckets.hpp"
#include "metrics/probe_series.hpp"
#include "metrics/snapshot.hpp"
#include "schedule/allowance.hpp"

#include <memory>
#include <vector>

namespace inferometer::metrics {

/// All `llm_probe_*` series: the only place that turns a Measurement into metrics. Thread-safe; a
/// scrape never makes a recording thread wait.
class Recorder {
 public:
  /// `clock` says when series began; it outlives the recorder.
  explicit Recorder(const base::Clock& clock = base::system_clock());
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder();

  /// The targets that have series from now on, all at once to any scrape. New ones start at 0, kept
  /// ones keep their counts, but for a histogram whose edges or schema have changed; the series of
  /// removed ones vanish at once: what is recorded into them later is in no scrape. One thread at a
  /// time.
  void set_targets(const std::vector<SeriesPlan>& targets,
                   int native_schema = k_default_native_schema);

  /// The series of a target, which may be recorded into for as long as they are held; null if it
  /// has none.
  [[nodiscard]] std::shared_ptr<const ProbeSeries> find(const config::TargetKey& target) const;

  /// The families that are asked for, in the order of the catalogue; one without any sample is left
  /// out.
  [[nodiscard]] Families collect(const Selection& selection = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::metrics
