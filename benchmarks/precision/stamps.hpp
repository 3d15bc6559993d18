#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace inferometer::precision {

/// Compares when bytes were read with when the simulator sent them: it puts the monotonic clock's
/// reading into each event just before it writes it. Both processes share that clock.
class StampLog {
 public:
  /// Takes, and touches, the memory for that many events now, so that it is not counted later.
  explicit StampLog(std::size_t expected) : m_delays(expected) { m_delays.clear(); }

  /// Notes each event in `bytes`, which were read at `read`. An event whose stamp is cut by the end
  /// of the read is not counted: the next read's stamp would not be its own.
  /// Returns the delay of the first, if there is one.
  std::optional<base::Duration> note(std::string_view bytes, base::MonotonicTime read);

  /// read − sent of each event, in no order.
  [[nodiscard]] std::vector<base::Duration>& delays() { return m_delays; }

 private:
  std::vector<base::Duration> m_delays;
};

/// What the load is: streams opened at once, and how each runs.
struct Load {
  std::uint32_t streams = 1000;
  std::uint32_t tokens = 500;
  base::Duration ttft = std::chrono::milliseconds(1000);
  base::Duration gap = std::chrono::milliseconds(20);
};

/// What one client saw of it.
struct Result {
  std::vector<base::Duration> delays;        ///< read − sent, one an event
  std::vector<base::Duration> first_delays;  ///< the same of each stream's first content
  std::vector<base::Duration> ttft_errors;   ///< measured − configured, one a stream
  std::uint64_t failed_streams = 0;
  base::Duration cpu{};            ///< of the client's process, from the first opening to the end
  std::uint64_t memory_bytes = 0;  ///< ours only: the highest resident, less what was before
};

/// CPU time of this process so far, user and system.
[[nodiscard]] base::Duration process_cpu();

/// Resident memory of this process now.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace inferometer::precision
