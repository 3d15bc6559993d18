#include "transport/stamp/wake_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

namespace inferometer::transport {
namespace {

using base::Duration;
using base::MonotonicTime;

/// The run delay begins when the thread is put into a processor's queue. Waking an idle processor
/// of a virtual machine before that takes about 0.1 ms.
constexpr Duration k_waking = std::chrono::microseconds(200);

/// Reading the run delay costs a system call; what it can tell is not worth one where waits follow
/// closely on one another.
constexpr Duration k_worth_reading = std::chrono::microseconds(500);

/// It is read this often all the same, so that what was accounted long ago does not count as of
/// now.
constexpr Duration k_stale = std::chrono::milliseconds(5);

}  // namespace

WakeWatch::WakeWatch() : m_schedstat(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {
  m_begin = m_all_quiet = m_quiet = m_earliest = m_run_delay_at = std::chrono::steady_clock::now();
  m_run_delay = read_run_delay().value_or(Duration::zero());
}

void WakeWatch::begin(MonotonicTime now) {
  m_begin = now;
}

void WakeWatch::end(MonotonicTime now, Wait wait) {
  m_earliest = m_quiet = m_all_quiet;
  if (wait.slept && (now - m_quiet > k_worth_reading || now - m_run_delay_at > k_stale)) {
    m_earliest = std::max(m_quiet, woken_at(now).value_or(m_quiet));
  }
  if (wait.complete) {
    m_all_quiet = m_begin;
  }
}

/// When the thread was woken from the wait that began at m_begin; none if it did not sleep in it,
/// or if the system does not tell.
std::optional<MonotonicTime> WakeWatch::woken_at(MonotonicTime now) {
  const std::optional<Duration> total = read_run_delay();
  if (!total) {
    return std::nullopt;
  }
  // What was accounted before the wait, since the last reading, is counted in: the moment that
  // comes out is never too late.
  const MonotonicTime woken = now - (*total - m_run_delay) - k_waking;
  m_run_delay = *total;
  m_run_delay_at = now;
  if (woken <= m_begin) {
    return std::nullopt;
  }
  return woken;
}

/// The second number of the file, in nanoseconds (Documentation/scheduler/sched-stats.rst).
std::optional<Duration> WakeWatch::read_run_delay() const {
  std::array<char, 96> text{};
  const ssize_t size =
      m_schedstat.valid() ? pread(m_schedstat.get(), text.data(), text.size(), 0) : -1;
  if (size <= 0) {
    return std::nullopt;
  }
  const std::string_view line(text.data(), static_cast<std::size_t>(size));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  Duration::rep nanoseconds = 0;
  const char* const begin = line.data() + space + 1;
  const auto parsed = std::from_chars(begin, line.data() + line.size(), nanoseconds);
  if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  return Duration(nanoseconds);
}

Duration thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace inferometer::transport
