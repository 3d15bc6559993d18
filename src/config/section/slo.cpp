#include "config/section/slo.hpp"

#include "base/duration.hpp"
#include "config/names.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

bool can_show(const Workload& workload, Needs needs) {
  switch (needs) {
    case Needs::nothing:
      return true;
    case Needs::stream:
      return workload.stream;
    case Needs::tokens:
      return workload.stream && workload.output_tokens > 1;
  }
  return false;
}

bool takes_in(const std::optional<std::string>& wanted, const std::string& name) {
  return !wanted || *wanted == name;
}

// Each may add an edge to the histograms of each of ten thousand targets.
constexpr std::size_t k_most_slos = 1000;

// An SLO at a target costs a kilobyte of memory and several series.
constexpr std::size_t k_most_pairs = 100'000;

// An objective over fewer says nothing.
constexpr int k_fewest_events = 10;

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

base::Result<double> parse_speed(std::string_view text) {
  auto speed = parse_number(text, 0, 1e6);
  if (speed && *speed > 0) {
    return speed;
  }
  return base::fail("");
}

base::Result<Duration> parse_window(std::string_view text) {
  auto window =
      parse_duration_within(text, std::chrono::hours(7 * 24), std::chrono::hours(90 * 24));
  if (window && *window % std::chrono::hours(1) != Duration::zero()) {
    return base::fail("");
  }
  return window;
}

void read_sli(const Node& node, const MappingReader& slo, SloEntry& entry) {
  const MappingReader mapping(node, schema::k_sli, slo.problems());
  if (node.kind == Node::Kind::mapping && node.entries.empty()) {
    slo.problems().add(node.mark, "sli is empty",
                       "give it availability: true, or conditions such as ttft_below");
  }
  bool is_available = true;
  mapping.read("availability", is_available, parse_true);
  Sli& sli = entry.slo.sli;
  for (std::size_t i = 0; i < k_latency_conditions.size(); ++i) {
    const LatencyCondition& condition = k_latency_conditions[i];
    entry.conditions[i] = mapping.mark(condition.key);
    mapping.read(condition.key, sli.*condition.threshold, parse_timeout);
  }
  entry.speed = mapping.mark(k_speed_condition);
  mapping.read(k_speed_condition, sli.output_tokens_per_second_above, parse_speed);
  if (mapping.find("availability") != nullptr && sli != Sli{}) {
    slo.problems().add(mapping.mark("availability"), "availability is given beside a condition",
                       "remove it: an attempt that failed meets no condition");
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
  entry.window = mapping.mark("window");
  mapping.read("window", entry.slo.window, parse_window);
  entry.match = mapping.mark("match");
  if (const Node* node = mapping.find("match")) {
    read_match(MappingReader(*node, schema::k_match, mapping.problems()), entry);
  }
  return entry;
}

class SloCheck {
 public:
  SloCheck(const Config& config, const Expanded& expanded, Problems& problems)
      : m_config(config),
        m_providers(make_index(config.providers)),
        m_workloads(make_index(config.workloads)),
        m_expanded(expanded),
        m_problems(problems) {
    for (const Provider& provider : config.providers) {
      const auto& models =
          m_models.emplace(provider.name, make_index(provider.models)).first->second;
      m_all_models.insert(models.begin(), models.end());
    }
    if (std::any_of(config.providers.begin(), config.providers.end(),
                    [](const Provider& provider) { return provider.models.empty(); })) {
      m_all_models.clear();  // what a provider with a refused list has is not known
    }
  }

  void check(const SloEntry& entry) {
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

  void check_targets(const SloEntry& entry) {
    const std::vector<const Target*> targets = targets_of(entry.slo.match);
    if (m_pairs <= k_most_pairs && m_pairs + targets.size() > k_most_pairs) {
      m_problems.add(
          entry.match,
          fmt::format("the SLOs up to this one match more than {} targets in all", k_most_pairs),
          "let them match fewer, or split the file over several daemons");
    }
    m_pairs += targets.size();
    if (targets.empty()) {
      m_problems.add(entry.match, "the SLO matches no probe, and would never have data",
                     "let its match name what is probed, or add the probe");
      return;
    }
    check_window(entry, targets);
    for (std::size_t i = 0; i < k_latency_conditions.size(); ++i) {
      const LatencyCondition& condition = k_latency_conditions[i];
      const auto& threshold = entry.slo.sli.*condition.threshold;
      if (!threshold) {
        continue;
      }
      if (none_can_show(targets, condition.needs)) {
        refuse_unshown(entry.conditions[i], condition.key, condition.needs, targets);
      } else if (*threshold < least_error(condition, targets)) {
        refuse_unmeasurable(entry.conditions[i], condition.key, *threshold);
      }
    }
    if (entry.slo.sli.output_tokens_per_second_above && none_can_show(targets, Needs::tokens)) {
      refuse_unshown(entry.speed, k_speed_condition, Needs::tokens, targets);
    }
  }

  static bool none_can_show(const std::vector<const Target*>& targets, Needs needs) {
    return std::none_of(targets.begin(), targets.end(), [needs](const Target* target) {
      return can_show(target->workload, needs);
    });
  }

  std::vector<const Target*> targets_of(const SloMatch& match) const {
    std::vector<const Target*> targets;
    for (const Target& target : m_expanded.targets) {
      if (matches(match, target)) {
        targets.push_back(&target);
      }
    }
    return targets;
  }

  void check_window(const SloEntry& entry, const std::vector<const Target*>& targets) const {
    const Target& rarest = **std::max_element(
        targets.begin(), targets.end(),
        [](const Target* left, const Target* right) { return left->interval < right->interval; });
    if (k_fewest_events * rarest.interval > entry.slo.window) {
      m_problems.add(
          entry.window,
          fmt::format("a probe every {} gives fewer than {} events within the SLO's window of {}",
                      base::format_duration(rarest.interval), k_fewest_events,
                      base::format_duration(entry.slo.window)),
          "probe more often, or give it a longer window");
    }
  }

  void refuse_unshown(Mark mark, std::string_view key, Needs needs,
                      const std::vector<const Target*>& targets) const {
    if (needs == Needs::tokens && !none_can_show(targets, Needs::stream)) {
      m_problems.add(mark,
                     fmt::format("{} is measured between tokens, and each workload that the SLO "
                                 "matches asks for one",
                                 key),
                     "match a workload with output_tokens of 2 or more");
      return;
    }
    m_problems.add(mark,
                   fmt::format("{} is measured in streams alone, and each workload that the SLO "
                               "matches has stream: false",
                               key),
                   "use duration_below, or match a workload that is streamed");
  }

  /// By how much what the condition looks at may be wrong through us in a sample: a mean over the
  /// tokens of an attempt by as many times less.
  Duration least_error(const LatencyCondition& condition,
                       const std::vector<const Target*>& targets) const {
    if (condition.threshold != &Sli::time_per_output_token_below) {
      return m_config.trust.max_error;
    }
    std::uint32_t most = 1;
    for (const Target* target : targets) {
      most = std::max(most, target->workload.output_tokens);
    }
    return m_config.trust.max_error / most;
  }

  void refuse_unmeasurable(Mark mark, std::string_view key, Duration threshold) const {
    m_problems.add(
        mark,
        fmt::format("{}: {} is less than what a sample may be wrong by, trust.max_error of {}", key,
                    base::format_duration(threshold),
                    base::format_duration(m_config.trust.max_error)),
        "raise the threshold, or lower trust.max_error");
  }

  std::size_t m_pairs = 0;  ///< SLOs and their targets, so far
  const Config& m_config;
  const Index<Provider> m_providers;
  const Index<Workload> m_workloads;
  std::map<std::string_view, Index<Model>> m_models;  ///< of each provider
  Index<Model> m_all_models;
  const Expanded& m_expanded;
  Problems& m_problems;
};

}  // namespace

bool matches(const SloMatch& match, const Target& target) {
  return takes_in(match.provider, target.provider.name) &&
         takes_in(match.model, target.model.name) && takes_in(match.workload, target.workload.name);
}

bool applies(const Slo& slo, const Target& target) {
  const bool shows_all = std::all_of(k_latency_conditions.begin(), k_latency_conditions.end(),
                                     [&](const LatencyCondition& condition) {
                                       return !(slo.sli.*condition.threshold) ||
                                              can_show(target.workload, condition.needs);
                                     });
  return shows_all &&
         (!slo.sli.output_tokens_per_second_above || can_show(target.workload, Needs::tokens)) &&
         matches(slo.match, target);
}

std::vector<double> thresholds(const std::vector<Slo>& slos,
                               std::optional<Duration> Sli::*condition, const Target& target) {
  std::vector<double> found;
  for (const Slo& slo : slos) {
    if (slo.sli.*condition && applies(slo, target)) {
      found.push_back(base::seconds(*(slo.sli.*condition)));
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

std::vector<Slo> check_slos(std::vector<SloEntry> entries, const Config& config,
                            const Expanded& expanded, Problems& problems) {
  SloCheck check(config, expanded, problems);
  std::vector<Slo> slos;
  for (SloEntry& entry : entries) {
    check.check(entry);
    slos.push_back(std::move(entry.slo));
  }
  return slos;
}

}  // namespace inferometer::config
