#pragma once

#include "base/thread/mutex.hpp"
#include "measure/measurement.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace inferometer::measure {

/// The latest measurements by id, in bounded memory, so that an exemplar opens the attempt that it
/// stands for, and a failure is still found after many successes: what failed or is suspect has
/// room of its own. Where that is full, the target that has most measurements in it loses its
/// oldest one, so that a target that is probed often, or always fails, does not displace those of
/// others. Thread-safe; the mutex is held to relink nodes and to copy pointers, and never while a
/// measurement is copied, allocated or freed.
class RecentMeasurements {
 public:
  /// Bytes of the heap, the nodes of the containers included.
  struct Room {
    std::size_t successes = std::size_t{5} << 20U;
    std::size_t failures = std::size_t{3} << 20U;  ///< and suspect ones
  };

  /// How far back what is kept goes; no value where nothing is.
  struct Reach {
    std::optional<base::WallTime> successes;
    std::optional<base::WallTime> failures;
  };

  RecentMeasurements();
  explicit RecentMeasurements(const Room& room);
  RecentMeasurements(const RecentMeasurements&) = delete;
  RecentMeasurements& operator=(const RecentMeasurements&) = delete;
  ~RecentMeasurements();

  /// Takes the newest measurement, and removes others where there is no room, and an earlier one of
  /// the same id. One that is larger than its room is dropped.
  void record(Measurement measurement) EXCLUDES(m_mutex);

  /// The measurement, which stays valid as long as the pointer is held, or null if it is not kept
  /// (any more).
  [[nodiscard]] std::shared_ptr<const Measurement> find(std::string_view id) const
      EXCLUDES(m_mutex);
  [[nodiscard]] bool contains(std::string_view id) const EXCLUDES(m_mutex);

  /// All that are kept, in no order. What comes or goes in the meantime may be left out.
  [[nodiscard]] std::vector<std::shared_ptr<const Measurement>> all() const EXCLUDES(m_mutex);

  [[nodiscard]] const Room& room() const { return m_room; }
  [[nodiscard]] Reach reach() const EXCLUDES(m_mutex);

 private:
  struct Contents;

  const Room m_room;
  mutable base::Mutex m_mutex;
  const std::unique_ptr<Contents> m_contents GUARDED_BY(m_mutex);
};

}  // namespace inferometer::measure
