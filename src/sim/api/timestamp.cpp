#include "sim/api/timestamp.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace inferometer::sim {

std::string rfc3339(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace inferometer::sim
