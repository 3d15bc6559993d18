#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "measure/target_table.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace inferometer::slo {

/// The events of one SLO at one target, each counted once; together with what was not judged they
/// are all its attempts. Atomic, so any thread may count and read.
struct Events {
  explicit Events(base::WallTime since) : created(base::unix_seconds(since)) {}

  const double created;  ///< Unix time when they were 0
  std::atomic<std::uint64_t> good{0};
  std::atomic<std::uint64_t> bad{0};
  std::atomic<std::uint64_t> not_judged{0};
};

/// An SLO at one target that it applies to.
struct TargetSlo {
  std::shared_ptr<const config::Slo> slo;  ///< not null, like the next
  std::shared_ptr<Events> events;
};

/// The SLOs of one target, in the configuration's order. Immutable but for the events.
struct TargetSlos {
  std::vector<TargetSlo> slos;

  /// Counts a finished attempt for each of them.
  void record(const measure::Measurement& measurement) const;
};

/// Good and bad events of every SLO at every target. Thread-safe, but for apply().
class Ledger {
 public:
  /// `clock` says when counting began; it outlives the ledger.
  explicit Ledger(const base::Clock& clock = base::system_clock());

  /// The targets and SLOs from now on. What has the same target and the same SLO's name goes on
  /// counting, also where the SLO itself has changed; what is new begins at 0. One thread at a
  /// time.
  void apply(const std::shared_ptr<const config::Config>& config);

  /// The SLOs of a target, which may be recorded into for as long as they are held; null if it is
  /// not configured.
  [[nodiscard]] std::shared_ptr<const TargetSlos> find(const config::TargetKey& target) const {
    return m_table.find(target);
  }

 private:
  const base::Clock& m_clock;
  measure::TargetTable<const TargetSlos> m_table;
};

}  // namespace inferometer::slo
