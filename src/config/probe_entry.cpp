#include "config/probe_entry.hpp"

#include "config/names.hpp"
#include "config/values.hpp"

#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

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

}  // namespace inferometer::config
