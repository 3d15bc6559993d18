#pragma once

#include "base/clock.hpp"

#include <deque>

namespace inferometer::transport {

/// Remembers the event loop's delays so that the worst one since any instant can be told. Not
/// thread-safe. Bounded: the delays it keeps are whole steps of 100 µs and strictly descending.
class LagHistory {
 public:
  /// The loop was `lag` late at `when`. REQUIRES: `when` never goes back.
  void record(base::MonotonicTime when, base::Duration lag);

  /// The worst delay recorded at or after `since`, rounded down to 100 µs; 0 if there was none.
  [[nodiscard]] base::Duration worst_since(base::MonotonicTime since) const;

  /// Drops what no question about `since` or later needs.
  void forget_before(base::MonotonicTime since);

 private:
  struct Entry {
    base::MonotonicTime when;
    base::Duration lag;
  };
  std::deque<Entry> m_entries;  // ascending in time, strictly descending in lag
};

}  // namespace inferometer::transport
