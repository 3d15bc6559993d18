#include "config/section/slo.hpp"

#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

bool takes_in(const std::optional<std::string>& wanted, const std::string& name) {
  return !wanted || *wanted == name;
}

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

bool needs_stream(SliKind kind) {
  switch (kind) {
    case SliKind::ttft_below:
    case SliKind::time_per_output_token_below:
      return true;
    case SliKind::availability:
    case SliKind::duration_below:
      return false;
  }
  return false;
}

class SloCheck {
 public:
  SloCheck(const std::vector<Provider>& providers, const std::vector<Workload>& workloads,
           const Expanded& expanded, Problems& problems)
      : m_providers(make_index(providers)),
        m_workloads(make_index(workloads)),
        m_expanded(expanded),
        m_problems(problems) {
    for (const Provider& provider : providers) {
      const auto& models =
          m_models.emplace(provider.name, make_index(provider.models)).first->second;
      m_all_models.insert(models.begin(), models.end());
    }
    if (std::any_of(providers.begin(), providers.end(),
                    [](const Provider& provider) { return provider.models.empty(); })) {
      m_all_models.clear();  // what a provider with a refused list has is not known
    }
    for (const Target& target : expanded.targets) {
      m_keys.push_back(target.key());
    }
  }

  void check(const SloEntry& entry) const {
    if (names_exist(entry) && m_expanded.is_complete) {
      check_targets(entry);
    }
  }

 private:
  template <typename Item>
  bool exists(const std::optional<std::string>& name, Mark mark, std::string_view what,
              const Index<Item>& known) const {
    if (!name || known.contains(*name)) {
      return true;
    }
    report_unknown({*name, mark}, what, known, m_problems);
    return false;
  }

  bool names_exist(const SloEntry& entry) const {
    const SloMatch& match = entry.slo.match;
    const bool has_provider = exists(match.provider, entry.provider, "provider", m_providers);
    const bool has_workload = exists(match.workload, entry.workload, "workload", m_workloads);
    return has_provider && has_workload &&
           exists(match.model, entry.model, "model",
                  match.provider ? m_models.at(*match.provider) : m_all_models);
  }

  void check_targets(const SloEntry& entry) const {
    bool matches_any = false;
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
      if (!matches(entry.slo.match, m_keys[i])) {
        continue;
      }
      if (m_expanded.targets[i].workload.stream || !needs_stream(entry.slo.sli.kind)) {
        return;
      }
      matches_any = true;
    }
    if (!matches_any) {
      m_problems.add(entry.match, "the SLO matches no probe, and would never have data",
                     "let its match name what is probed, or add the probe");
      return;
    }
    m_problems.add(entry.sli,
                   fmt::format("{} is measured in streams alone, and each workload that the SLO "
                               "matches has stream: false",
                               word_of(entry.slo.sli.kind, k_sli_kinds)),
                   "use duration_below, or match a workload that is streamed");
  }

  const Index<Provider> m_providers;
  const Index<Workload> m_workloads;
  std::map<std::string_view, Index<Model>> m_models;  ///< of each provider
  Index<Model> m_all_models;
  const Expanded& m_expanded;
  std::vector<TargetKey> m_keys;  ///< of the targets, in their order
  Problems& m_problems;
};

}  // namespace

bool matches(const SloMatch& match, const TargetKey& key) {
  return takes_in(match.provider, key.provider) && takes_in(match.model, key.model) &&
         takes_in(match.workload, key.workload);
}

std::vector<double> thresholds(const std::vector<Slo>& slos, SliKind kind, const TargetKey& key) {
  std::vector<double> found;
  if (kind == SliKind::availability) {
    return found;
  }
  for (const Slo& slo : slos) {
    if (slo.sli.kind == kind && matches(slo.match, key)) {
      found.push_back(base::seconds(slo.sli.threshold));
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

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

std::vector<Slo> check_slos(std::vector<SloEntry> entries, const std::vector<Provider>& providers,
                            const std::vector<Workload>& workloads, const Expanded& expanded,
                            Problems& problems) {
  const SloCheck check(providers, workloads, expanded, problems);
  std::vector<Slo> slos;
  for (SloEntry& entry : entries) {
    check.check(entry);
    slos.push_back(std::move(entry.slo));
  }
  return slos;
}

}  // namespace inferometer::config
