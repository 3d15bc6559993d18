#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"
#include "selftest/stamped_event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace inferometer::precision {

/// An event beside our stamp of it.
struct Seen {
  base::MonotonicTime sent;
  base::MonotonicTime at;
  bool interrupted = false;  ///< the server's write was: `sent` is not to be relied upon
};

/// One answer as the server sent it, and what the instrument made of it.
struct Answer {
  std::optional<base::MonotonicTime> asked;  ///< when the request reached the server, if known
  std::vector<Seen> events;                  ///< and, of a whole answer, its last stamps
  std::optional<measure::Measurement> measurement;  ///< none from a bare reader

  void note(const selftest::Stamp& stamp, base::MonotonicTime at);
};

/// Microseconds at two quantiles.
struct Spread {
  double p50 = 0;
  double p99 = 0;
};

/// How many figures were kept though they are off by more than a millisecond.
struct Wrong {
  std::size_t ttft = 0;
  std::size_t itl = 0;
  std::size_t connect = 0;   ///< phases: on loopback the kernel answers at once
  std::size_t duration = 0;  ///< of which the end is known

  [[nodiscard]] std::size_t all() const { return ttft + itl + connect + duration; }
};

/// What one client makes of one case.
struct Figures {
  std::size_t streams = 0;
  std::size_t failed = 0;
  std::size_t events = 0;
  double events_per_second = 0;
  Spread behind;    ///< stamp less true send time; of events with a stamp of their own
  Spread ttft_off;  ///< of those kept; absolute
  Spread itl_off;   ///< the same of gaps
  double kept = 0;  ///< share of all TTFT and gaps
  Wrong wrong;
  double cpu_per_event = 0;      ///< microseconds of the client's process
  double memory_per_stream = 0;  ///< KiB, where it was measured
};

/// `expected`: events of each answer.
[[nodiscard]] Figures make_figures(std::vector<Answer> answers, std::uint32_t expected);

/// CPU time of this process so far, user and system.
[[nodiscard]] base::Duration process_cpu();

/// Resident memory of this process now.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace inferometer::precision
