#include "precision/stamps.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace inferometer::precision {

std::optional<base::Duration> StampLog::note(std::string_view bytes, base::MonotonicTime read) {
  const std::size_t before = m_delays.size();
  constexpr std::string_view k_member = "\"sim_sent_ns\":\"";
  constexpr std::size_t k_digits = 20;
  for (std::size_t at = bytes.find(k_member); at != std::string_view::npos;
       at = bytes.find(k_member, at)) {
    at += k_member.size();
    if (at + k_digits > bytes.size()) {
      break;
    }
    std::int64_t nanoseconds = 0;
    std::from_chars(bytes.data() + at, bytes.data() + at + k_digits, nanoseconds);
    m_delays.push_back(read - base::MonotonicTime(std::chrono::nanoseconds(nanoseconds)));
  }
  return m_delays.size() > before ? std::optional(m_delays[before]) : std::nullopt;
}

base::Duration process_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto span = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return span(usage.ru_utime) + span(usage.ru_stime);
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace inferometer::precision
