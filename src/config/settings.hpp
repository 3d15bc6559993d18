#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

#include <cstdint>

namespace inferometer::config {

/// What a probe may set for itself and `defaults` for all.
struct Settings {
  Duration interval = std::chrono::seconds(60);
  Timeouts timeouts;
  std::uint32_t max_in_flight = 1;
  ConnectionPolicy connection = ConnectionPolicy::fresh;
};

/// `inherited` with what `mapping`, a probe or the defaults, sets itself.
[[nodiscard]] Settings read_settings(const MappingReader& mapping, const Settings& inherited);

}  // namespace inferometer::config
