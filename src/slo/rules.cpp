#include "slo/rules.hpp"

#include "base/duration.hpp"
#include "config/problem.hpp"
#include "config/section/slo.hpp"
#include "slo/burn_rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace inferometer::slo {
namespace {

using config::Config;
using config::Slo;

/// The windows whose error ratio is recorded, besides that of the SLO itself.
constexpr std::array<std::string_view, 7> k_windows{"5m", "30m", "1h", "2h", "6h", "1d", "3d"};

/// A string of PromQL.
std::string promql_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + '"';
}

/// Text that a template of Prometheus' leaves as it is.
std::string literal(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text.starts_with("{{")) {
      result += R"({{ "{{" }})";
      text.remove_prefix(2);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

/// What the rules of an SLO need to know of the targets that it applies to.
struct Targets {
  /// The labels that tell them apart, and those that the configuration adds to them, such as the
  /// team to be woken.
  std::string labels = "provider, model, workload, slo";
  base::Duration longest_interval{};
  std::uint32_t most_attempts = 1;  ///< of a run, with its retries
};

Targets targets_of(const Config& config, const Slo& slo) {
  Targets result;
  std::set<std::string> added;
  for (const config::Target& target : config.targets) {
    if (!config::applies(slo, target)) {
      continue;
    }
    for (const auto& [name, value] : target.provider.labels) {
      added.insert(name);
    }
    result.longest_interval = std::max(result.longest_interval, target.interval);
    result.most_attempts = std::max(result.most_attempts, 1 + target.workload.retries.max_retries);
  }
  for (const std::string& name : added) {
    result.labels += ", " + name;
  }
  return result;
}

/// A window as Prometheus writes it, which knows no fractions: in whole seconds or a larger unit.
std::string window_of(base::Duration duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  for (const auto& [length, unit] : {std::pair(86400, 'd'), {3600, 'h'}, {60, 'm'}}) {
    if (seconds % length == 0) {
      return fmt::format("{}{}", seconds / length, unit);
    }
  }
  return fmt::format("{}s", seconds);
}

/// What Prometheus takes for a number, without the noise that a division leaves in the last digits.
std::string number(double value) {
  return fmt::format("{:.10g}", value);
}

/// Writes the rules of one SLO.
class SloRules {
 public:
  SloRules(const Config& config, const Slo& slo, const std::string& runbook)
      : m_slo(slo),
        m_targets(targets_of(config, slo)),
        m_labels(m_targets.labels),
        m_selector(fmt::format("{{slo={}}}", promql_string(slo.name))),
        m_runbook(literal(runbook)) {}

  [[nodiscard]] std::vector<RuleGroup> groups() const {
    return {{.name = "sloth-slo-sli-recordings-" + m_slo.name, .interval = {}, .rules = ratios()},
            // Reads a month of samples: it must not hold up the others. More rarely than each five
            // minutes, and Prometheus would take the series for gone in between.
            {.name = "sloth-slo-period-recordings-" + m_slo.name,
             .interval = "2m",
             .rules = {ratio_of_slo()}},
            {.name = "sloth-slo-meta-recordings-" + m_slo.name, .interval = {}, .rules = meta()},
            {.name = "sloth-slo-alerts-" + m_slo.name, .interval = {}, .rules = alerts()}};
  }

 private:
  [[nodiscard]] Rule record(std::string name, std::string expression) const {
    return {.kind = Rule::Kind::record,
            .name = std::move(name),
            .expression = std::move(expression),
            .pending = {},
            .labels = {{"slo", m_slo.name}},
            .annotations = {}};
  }

  /// `expression`, summed by target, with the labels by which sloth's dashboards find it.
  [[nodiscard]] static std::string with_ids(std::string_view expression) {
    return fmt::format(
        "label_join(\n"
        "  label_join(\n"
        "    label_join(\n"
        "{},\n"
        "      \"sloth_service\", \"\", \"provider\"),\n"
        "    \"sloth_slo\", \"/\", \"slo\", \"model\", \"workload\"),\n"
        "  \"sloth_id\", \"-\", \"provider\", \"sloth_slo\")",
        expression);
  }

  [[nodiscard]] std::string by_target(std::string_view function, std::string_view metric,
                                      std::string_view window) const {
    return fmt::format("sum by ({}) ({}({}{}[{}]))", m_labels, function, metric, m_selector,
                       window);
  }

  /// Quiet series have no ratio: 0 / 0 would be NaN, which spoils every sum that it is in.
  [[nodiscard]] Rule ratio(std::string_view window) const {
    Rule rule =
        record(fmt::format("slo:sli_error:ratio_rate{}", window),
               with_ids(fmt::format("      {}\n      / ({} > 0)",
                                    by_target("rate", "llm_probe_slo_bad_events_total", window),
                                    by_target("rate", "llm_probe_slo_events_total", window))));
    rule.labels.emplace("sloth_window", window);
    return rule;
  }

  /// The mean of the ratio of five minutes: to read all events of a month at each evaluation would
  /// be too much, and an hour without probes, as during a hold, does not count less this way.
  [[nodiscard]] Rule ratio_of_slo() const {
    const std::string window = window_of(m_slo.window);
    Rule rule =
        record("slo:sli_error:ratio_rate" + window,
               fmt::format("avg_over_time(slo:sli_error:ratio_rate5m{}[{}])", m_selector, window));
    rule.labels.emplace("sloth_window", window);
    return rule;
  }

  [[nodiscard]] std::vector<Rule> ratios() const {
    std::vector<Rule> rules;
    rules.reserve(k_windows.size());
    for (const std::string_view window : k_windows) {
      rules.push_back(ratio(window));
    }
    return rules;
  }

  [[nodiscard]] std::vector<Rule> meta() const {
    const std::string objective =
        fmt::format("      max by ({}) (llm_probe_slo_objective_ratio{})", m_labels, m_selector);
    const std::string budget = "slo:error_budget:ratio" + m_selector;
    const auto burn = [&](std::string_view window) {
      return fmt::format("slo:sli_error:ratio_rate{}{}\n/ on ({}) group_left ()\n  {}", window,
                         m_selector, m_labels, budget);
    };
    Rule info = record("sloth_slo_info", fmt::format("slo:objective:ratio{} * 0 + 1", m_selector));
    info.labels.insert({{"sloth_mode", "cli-gen-prom"},
                        {"sloth_spec", "inferometer"},
                        {"sloth_version", "inferometer"},
                        {"sloth_objective", number(m_slo.objective)}});
    return {
        record("slo:objective:ratio", with_ids(objective)),
        record("slo:error_budget:ratio", fmt::format("1 - slo:objective:ratio{}", m_selector)),
        record("slo:time_period:days", fmt::format("slo:objective:ratio{} * 0 + {}", m_selector,
                                                   number(base::seconds(m_slo.window) / 86400))),
        record("slo:current_burn_rate:ratio", burn("5m")),
        record("slo:period_burn_rate:ratio", burn(window_of(m_slo.window))),
        record("slo:period_error_budget_remaining:ratio",
               fmt::format("1 - slo:period_burn_rate:ratio{}", m_selector)),
        std::move(info)};
  }

  /// A ratio of the short window, also between two attempts of a target that is asked more rarely:
  /// without, its alert would come and go.
  [[nodiscard]] std::string latest_ratio(const BurnRateAlert& alert) const {
    const std::string series =
        fmt::format("slo:sli_error:ratio_rate{}{}", window_of(alert.short_window), m_selector);
    const base::Duration between = 2 * m_targets.longest_interval;
    return between <= alert.short_window
               ? series
               : fmt::format("last_over_time({}[{}])", series,
                             window_of(std::min(between, alert.long_window)));
  }

  /// Without the events of a target that is no longer configured, and where most attempts could be
  /// judged: a failure is always bad, so that few events are no fair sample.
  [[nodiscard]] std::string condition(const BurnRateAlert& alert) const {
    const std::string window = window_of(alert.long_window);
    const std::optional<double> threshold = error_threshold(alert, m_slo);
    return fmt::format(
        "(\n"
        "  max without (sloth_window) ({latest}) {exceeds}\n"
        "  and\n"
        "  max without (sloth_window) (slo:sli_error:ratio_rate{window}{selector}) {exceeds}\n"
        "  and on ({labels})\n"
        "  {bad} > {fewest}\n"
        "  and on ({labels})\n"
        "  {events} > {not_judged}\n"
        "  and on ({labels})\n"
        "  {configured}\n"
        ")",
        fmt::arg("latest", latest_ratio(alert)), fmt::arg("window", window),
        fmt::arg("selector", m_selector),
        fmt::arg("exceeds", threshold ? "> " + number(*threshold) : ">= 1"),
        fmt::arg("labels", m_labels),
        fmt::arg("bad", by_target("increase", "llm_probe_slo_bad_events_total", window)),
        // increase() extrapolates: the number of events is only near a whole one.
        fmt::arg("fewest", k_fewest_bad_runs * m_targets.most_attempts - 0.1),
        fmt::arg("events", by_target("increase", "llm_probe_slo_events_total", window)),
        fmt::arg("not_judged", by_target("increase", "llm_probe_slo_not_judged_total", window)),
        fmt::arg("configured", configured()));
  }

  /// The targets that are configured, also while a scrape or two fails.
  [[nodiscard]] std::string configured() const {
    return fmt::format("max by ({}) (last_over_time(llm_probe_slo_objective_ratio{}[15m]))",
                       m_labels, m_selector);
  }

  /// `section` is that of the runbook.
  [[nodiscard]] Rule alert(std::string name, std::string_view severity, std::string expression,
                           std::string summary, std::string description,
                           std::string_view section) const {
    return {.kind = Rule::Kind::alert,
            .name = std::move(name),
            .expression = std::move(expression),
            .pending = {},
            .labels = {{"slo", literal(m_slo.name)},
                       {"severity", std::string(severity)},
                       {"sloth_severity", std::string(severity)}},
            .annotations = {{"summary", std::move(summary)},
                            {"description", std::move(description)},
                            {"runbook_url", fmt::format("{}#{}", m_runbook, section)}}};
  }

  [[nodiscard]] Rule burn_alert(std::string_view severity) const {
    std::string expression;
    for (const BurnRateAlert& burn : k_burn_rate_alerts) {
      if (burn.severity == severity) {
        expression += (expression.empty() ? "" : "\nor\n") + condition(burn);
      }
    }
    return alert("InferometerSLOBudgetBurn", severity, std::move(expression),
                 "{{ $labels.provider }} breaks its SLO {{ $labels.sloth_slo }}",
                 fmt::format("{{{{ $value | humanizePercentage }}}} of the latest attempts at "
                             "{{{{ $labels.model }}}} of {{{{ $labels.provider }}}} with the "
                             "workload {{{{ $labels.workload }}}} failed or missed the SLO, where "
                             "its objective allows {:.6g}%.",
                             error_budget(m_slo) * 100),
                 "an-slo-burns-its-error-budget");
  }

  /// Over an hour, or as long as three attempts take.
  [[nodiscard]] Rule unjudged_alert() const {
    const std::string window =
        window_of(std::max<base::Duration>(std::chrono::hours(1), 3 * m_targets.longest_interval));
    Rule rule =
        alert("InferometerSLOHardlyJudged", "ticket",
              fmt::format("{}\nunless on ({})\n{} > {}", configured(), m_labels,
                          by_target("increase", "llm_probe_slo_events_total", window),
                          by_target("increase", "llm_probe_slo_not_judged_total", window)),
              "Hardly any attempt tells whether {{ $labels.provider }} meets the SLO {{ "
              "$labels.slo }}",
              fmt::format("Within {} there was no attempt at {{{{ $labels.model }}}} of {{{{ "
                          "$labels.provider }}}} with the workload {{{{ $labels.workload }}}}, or "
                          "at least half of them could not be judged. The other alerts of the SLO "
                          "are silent meanwhile.",
                          window),
              "an-slo-is-hardly-judged");
    rule.pending = "30m";
    return rule;
  }

  [[nodiscard]] Rule absent_alert() const {
    Rule rule = alert(
        "InferometerSLOAbsent", "page",
        fmt::format("absent(llm_probe_slo_events_total{})", m_selector),
        "Nothing tells whether the SLO {{ $labels.slo }} is met",
        "Prometheus has no events of this SLO: the daemon is down or not scraped, or no longer "
        "configured with it. No other alert of the SLO can fire.",
        "an-slo-has-no-events");
    rule.pending = "10m";
    return rule;
  }

  [[nodiscard]] std::vector<Rule> alerts() const {
    return {burn_alert("page"), burn_alert("ticket"), unjudged_alert(), absent_alert()};
  }

  const Slo& m_slo;
  const Targets m_targets;
  const std::string m_labels;
  const std::string m_selector;
  const std::string m_runbook;
};

}  // namespace

std::vector<RuleGroup> make_rules(const Config& config, const std::string& runbook) {
  std::vector<RuleGroup> groups;
  for (const Slo& slo : config.slos) {
    for (RuleGroup& group : SloRules(config, slo, runbook).groups()) {
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

std::vector<AlertNote> alert_notes(const Config& config) {
  std::vector<AlertNote> notes;
  for (const Slo& slo : config.slos) {
    const base::Duration interval = targets_of(config, slo).longest_interval;
    const std::string name = config::quote(slo.name);
    const std::string every = base::format_duration(interval);
    for (const std::string_view severity : {"page", "ticket"}) {
      const auto time = time_to_fire(severity, slo, interval);
      if (!time) {
        notes.push_back({.never = true,
                         .text = fmt::format("SLO {}: a probe every {} is too rare for its {} "
                                             "alerts: they never fire",
                                             name, every, severity)});
      } else if (time != time_to_fire(severity, slo, interval, 1)) {
        notes.push_back(
            {.never = false,
             .text = fmt::format("SLO {}: a {} alert takes {} bad probes: with one every {}, it "
                                 "fires {} after an outage begins",
                                 name, severity, k_fewest_bad_runs, every,
                                 base::format_duration(*time))});
      }
    }
  }
  return notes;
}

}  // namespace inferometer::slo
