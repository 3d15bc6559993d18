#include "config/slo_check.hpp"

#include "config/choices.hpp"
#include "config/reference.hpp"
#include "config/slo.hpp"

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
