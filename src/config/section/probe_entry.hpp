#pragma once

#include "config/config.hpp"
#include "config/names.hpp"
#include "config/yaml/reader.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace inferometer::config {

/// The time limits that someone wrote, in `defaults` or in a probe.
struct TimeoutSettings {
  std::optional<Duration> connect;
  std::optional<Duration> first_token;
  std::optional<Duration> stall;
  std::optional<Duration> total;
};

/// What a probe may set for itself and `defaults` for all.
struct Settings {
  Duration interval = std::chrono::seconds(60);
  TimeoutSettings timeouts;
  std::uint32_t max_in_flight = 1;
  ConnectionPolicy connection = ConnectionPolicy::fresh;
  Duration max_idle = std::chrono::minutes(2);
};

/// `inherited` with what `mapping`, a probe or the defaults, sets itself.
[[nodiscard]] Settings read_settings(const MappingReader& mapping, const Settings& inherited);

/// The limits that hold: those that nobody wrote are the built-in ones, but never above the total.
[[nodiscard]] Timeouts resolve(const TimeoutSettings& settings);

/// One entry of the list `probes`, not yet checked against what it refers to.
struct ProbeEntry {
  Mark mark;
  std::vector<Reference> providers;
  std::optional<std::vector<Reference>> models;  ///< none: all
  std::vector<Reference> workloads;
  bool is_complete = true;  ///< no name of it was refused
  Settings settings;
};

/// Reads the list `probes` of the file.
[[nodiscard]] std::vector<ProbeEntry> read_probe_entries(const MappingReader& file,
                                                         const Settings& defaults);

}  // namespace inferometer::config
