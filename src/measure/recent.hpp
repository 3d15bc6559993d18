#pragma once

#include "base/mutex.hpp"
#include "measure/measurement.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string_view>

namespace inferometer::measure {

/// The latest measurements by id, in bounded memory, so that an exemplar opens the attempt that it
/// stands for. Thread-safe; the mutex is held to relink nodes, and never while a measurement is
/// copied, allocated or freed.
class Recent {
 public:
  static constexpr std::size_t k_default_max_bytes = std::size_t{8} << 20U;

  /// Keeps no more than `max_bytes` of the heap, its own nodes included.
  explicit Recent(std::size_t max_bytes = k_default_max_bytes) : m_max_bytes(max_bytes) {}

  /// Takes the newest measurement, for which the oldest have to leave, and an earlier one of the
  /// same id. One that is larger than all the room is dropped.
  void record(Measurement measurement) EXCLUDES(m_mutex);

  /// The measurement, which lives as long as someone holds it, or null if it is not kept (any
  /// more).
  [[nodiscard]] std::shared_ptr<const Measurement> find(std::string_view id) const
      EXCLUDES(m_mutex);

 private:
  struct Entry {
    std::shared_ptr<const Measurement> measurement;
    std::size_t bytes = 0;
  };
  using Queue = std::list<Entry>;
  using Index = std::map<std::string_view, Queue::iterator>;

  /// Entries in the order in which they came. An id is the measurement's own text.
  struct Entries {
    Queue queue;
    Index index;
  };

  /// Moves one entry into `gone`, without freeing anything.
  void take_out(Index::iterator which, Entries& gone) REQUIRES(m_mutex);

  const std::size_t m_max_bytes;
  mutable base::Mutex m_mutex;
  Entries m_entries GUARDED_BY(m_mutex);
  std::size_t m_bytes GUARDED_BY(m_mutex) = 0;
};

}  // namespace inferometer::measure
