#pragma once

#include <cstdint>
#include <string>

namespace inferometer::sim {

/// RFC 3339 in UTC and whole seconds, of `seconds` since the epoch of Unix.
[[nodiscard]] std::string rfc3339(std::int64_t seconds);

}  // namespace inferometer::sim
