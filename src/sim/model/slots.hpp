#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace inferometer::sim {

/// The places for generations of one provider, given out in the order of arrival. Not thread-safe.
class Slots {
 public:
  /// Who holds a place or waits for one.
  using Id = std::uint64_t;

  /// `limit` is the number of places, 0 for any number. `slowdown` is how much slower a generation
  /// is when all places are taken than when it is alone; without a limit it has no meaning.
  Slots(std::uint32_t limit, double slowdown) : m_limit(limit), m_slowdown(slowdown) {}

  /// True if `id` has a place now; otherwise it waits until release() names it.
  [[nodiscard]] bool acquire(Id id);

  /// Gives up a place. It passes to the one named in the answer, if there is one.
  [[nodiscard]] std::optional<Id> release();

  /// `id` does not wait any longer.
  void cancel(Id id);

  /// By how much all delays are multiplied now: 1 + slowdown * (running - 1) / limit.
  [[nodiscard]] double load() const;

  [[nodiscard]] std::size_t running() const { return m_running; }
  [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

 private:
  std::uint32_t m_limit;
  double m_slowdown;
  std::size_t m_running = 0;
  std::deque<Id> m_waiting;
};

}  // namespace inferometer::sim
