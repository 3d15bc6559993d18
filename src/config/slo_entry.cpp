#include "config/slo_entry.hpp"

#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

// Each may add an edge to the histograms of each of ten thousand targets.
constexpr std::size_t k_most_slos = 1000;

base::Result<double> parse_objective(std::string_view text) {
  auto objective = parse_number(text, 0, 100);
  if (objective && *objective > 0 && *objective < 100) {
    return objective;
  }
  return base::fail(text.ends_with('%') ? "write the number alone" : "");
}

base::Result<bool> parse_true(std::string_view text) {
  if (text != "true") {
    return base::fail(text == "false" ? "remove the SLO instead" : "");
  }
  return true;
}

void read_sli(const Node& node, const MappingReader& slo, SloEntry& entry) {
  const MappingReader mapping(node, schema::k_sli, slo.problems());
  if (node.kind == Node::Kind::mapping && node.entries.empty()) {
    slo.problems().add(node.mark, "sli is empty",
                       "give it availability, ttft_below, time_per_output_token_below or "
                       "duration_below");
  }
  mapping.allow_one(
      {"availability", "ttft_below", "time_per_output_token_below", "duration_below"});
  Sli& sli = entry.slo.sli;
  for (const auto& [key, kind] : k_sli_kinds) {
    if (mapping.find(key) == nullptr) {
      continue;
    }
    sli.kind = kind;
    entry.sli = mapping.mark(key);
    if (kind == SliKind::availability) {
      bool is_asked_for = true;
      mapping.read(key, is_asked_for, parse_true);
    } else {
      mapping.read(key, sli.threshold, parse_timeout);
    }
  }
}

void read_match(const MappingReader& mapping, SloEntry& entry) {
  SloMatch& match = entry.slo.match;
  mapping.read("provider", match.provider, parse_name);
  mapping.read("model", match.model, parse_name);
  mapping.read("workload", match.workload, parse_name);
  entry.provider = mapping.mark("provider");
  entry.model = mapping.mark("model");
  entry.workload = mapping.mark("workload");
}

SloEntry read_entry(const MappingReader& mapping) {
  SloEntry entry;
  mapping.read("name", entry.slo.name, parse_name);
  mapping.read("objective", entry.slo.objective, parse_objective);
  if (const Node* node = mapping.find("sli")) {
    read_sli(*node, mapping, entry);
  }
  entry.match = mapping.mark("match");
  if (const Node* node = mapping.find("match")) {
    read_match(MappingReader(*node, schema::k_match, mapping.problems()), entry);
  }
  return entry;
}

}  // namespace

std::vector<SloEntry> read_slo_entries(const MappingReader& file) {
  std::vector<SloEntry> entries;
  const Node* list = file.find("slos");
  if (list != nullptr && list->items.size() > k_most_slos) {
    file.problems().add(list->mark, fmt::format("more than {} SLOs", k_most_slos),
                        "split the file over several daemons");
    return entries;
  }
  Names names("SLO", file.problems());
  file.each("slos", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_slo, file.problems());
    SloEntry entry = read_entry(mapping);
    if (!entry.slo.name.empty()) {
      names.add(entry.slo.name, mapping.mark("name"));
    }
    entries.push_back(std::move(entry));
  });
  return entries;
}

}  // namespace inferometer::config
