#include "config/section/probe_entry.hpp"

#include "base/duration.hpp"
#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

using namespace std::chrono_literals;

std::vector<Reference> read_references(const MappingReader& probe, std::string_view key,
                                       std::string_view what, bool& is_complete) {
  std::vector<Reference> references;
  Names names(what, probe.problems());
  probe.each(key, [&](const Node& node) {
    std::string name;
    if (!probe.read_item(node, key, name, parse_name)) {
      is_complete = false;
    } else if (names.add(name, node.mark)) {
      references.push_back({std::move(name), node.mark});
    }
  });
  return references;
}

/// Reports the limit `key` if it could never end a probe. A pair of which this mapping sets neither
/// was judged where it was set.
void check_below_total(const MappingReader& mapping, std::string_view key, Duration limit,
                       Duration total) {
  const bool is_set_here = mapping.find(key) != nullptr || mapping.find("total") != nullptr;
  if (limit <= total || !is_set_here) {
    return;
  }
  mapping.problems().add(mapping.mark(mapping.find(key) != nullptr ? key : "total"),
                         fmt::format("timeout {} ({}) is longer than total ({})", key,
                                     base::format_duration(limit), base::format_duration(total)),
                         fmt::format("lower {} or raise total", key));
}

TimeoutSettings read_timeouts(const MappingReader& mapping, const TimeoutSettings& inherited) {
  TimeoutSettings timeouts = inherited;
  const bool has_total = mapping.read("total", timeouts.total, parse_timeout);
  const auto read_part = [&](std::string_view key, std::optional<Duration>& limit) {
    if (mapping.read(key, limit, parse_timeout) && has_total && limit) {
      check_below_total(mapping, key, *limit, timeouts.total.value_or(Timeouts().total));
    }
  };
  read_part("connect", timeouts.connect);
  read_part("first_token", timeouts.first_token);
  read_part("stall", timeouts.stall);
  return timeouts;
}

}  // namespace

std::vector<ProbeEntry> read_probe_entries(const MappingReader& file, const Settings& defaults) {
  std::vector<ProbeEntry> entries;
  file.each("probes", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_probe, file.problems());
    ProbeEntry entry;
    entry.mark = node.mark;
    entry.providers = read_references(mapping, "providers", "provider", entry.is_complete);
    if (mapping.find("models") != nullptr) {
      entry.models = read_references(mapping, "models", "model", entry.is_complete);
    }
    entry.workloads = read_references(mapping, "workloads", "workload", entry.is_complete);
    entry.settings = read_settings(mapping, defaults);
    entries.push_back(std::move(entry));
  });
  return entries;
}

Settings read_settings(const MappingReader& mapping, const Settings& inherited) {
  Settings settings = inherited;
  mapping.read("interval", settings.interval,
               [](std::string_view text) { return parse_duration_within(text, 100ms, 30 * 24h); });
  mapping.read("max_in_flight", settings.max_in_flight,
               [](std::string_view text) { return parse_whole_number(text, 1, 1000); });
  mapping.read("connection", settings.connection,
               [](std::string_view text) { return parse_choice(text, k_connection_policies); });
  mapping.read("max_idle", settings.max_idle,
               [](std::string_view text) { return parse_duration_within(text, 1s, 24h); });
  if (const Node* node = mapping.find("timeouts")) {
    settings.timeouts = read_timeouts(MappingReader(*node, schema::k_timeouts, mapping.problems()),
                                      inherited.timeouts);
  }
  return settings;
}

Timeouts resolve(const TimeoutSettings& settings) {
  const Timeouts built_in;
  const Duration total = settings.total.value_or(built_in.total);
  return {.connect = settings.connect.value_or(std::min(built_in.connect, total)),
          .first_token = settings.first_token.value_or(std::min(built_in.first_token, total)),
          .stall = settings.stall.value_or(std::min(built_in.stall, total)),
          .total = total};
}

}  // namespace inferometer::config
