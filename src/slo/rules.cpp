#include "slo/rules.hpp"

#include "base/duration.hpp"
#include "config/problem.hpp"
#include "config/section/slo.hpp"
#include "slo/burn_rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace inferometer::slo {
namespace {

using config::Config;
using config::Slo;

/// The windows whose error ratio is recorded, besides that of the SLO itself.
constexpr std::array<std::string_view, 7> k_windows{"5m", "30m", "1h", "2h", "6h", "1d", "3d"};

/// A string of PromQL.
std::string quoted(std::string_view text) {
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

/// The labels that tell the targets of an SLO apart, and those that the configuration adds to them,
/// such as the team to be woken.
std::string target_labels(const Config& config, const Slo& slo) {
  std::set<std::string> added;
  for (const config::Target& target : config.targets) {
    if (config::matches(slo.match, target.key())) {
      for (const auto& [name, value] : target.provider.labels) {
        added.insert(name);
      }
    }
  }
  std::string labels = "provider, model, workload, slo";
  for (const std::string& name : added) {
    labels += ", " + name;
  }
  return labels;
}

/// A window as Prometheus writes it: whole hours and minutes are written alike here.
std::string window_of(base::Duration duration) {
  return base::format_duration(duration);
}

/// What Prometheus takes for a number, without the noise that a division leaves in the last digits.
std::string number(double value) {
  return fmt::format("{:.10g}", value);
}

/// Writes the rules of one SLO.
class SloRules {
 public:
  SloRules(const Config& config, const Slo& slo, std::string runbook)
      : m_slo(slo),
        m_labels(target_labels(config, slo)),
        m_selector(fmt::format("{{slo={}}}", quoted(slo.name))),
        m_runbook(std::move(runbook)) {}

  [[nodiscard]] std::vector<RuleGroup> groups() const {
    return {{.name = "sloth-slo-sli-recordings-" + m_slo.name, .rules = ratios()},
            {.name = "sloth-slo-meta-recordings-" + m_slo.name, .rules = meta()},
            {.name = "sloth-slo-alerts-" + m_slo.name, .rules = alerts()}};
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
    const std::string recorded =
        fmt::format("slo:sli_error:ratio_rate5m{}[{}]", m_selector, window);
    Rule rule = record("slo:sli_error:ratio_rate" + window,
                       fmt::format("sum_over_time({})\n/ ignoring (sloth_window) "
                                   "count_over_time({})",
                                   recorded, recorded));
    rule.labels.emplace("sloth_window", window);
    return rule;
  }

  [[nodiscard]] std::vector<Rule> ratios() const {
    std::vector<Rule> rules;
    rules.reserve(k_windows.size() + 1);
    for (const std::string_view window : k_windows) {
      rules.push_back(ratio(window));
    }
    rules.push_back(ratio_of_slo());
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

  /// A window without any attempt keeps the last ratio that is known, for up to the long window: a
  /// target that is asked less often than each five minutes would make the alert come and go.
  [[nodiscard]] std::string condition(const BurnRateAlert& alert) const {
    const std::string long_window = window_of(alert.long_window);
    const std::optional<double> threshold = error_threshold(alert, m_slo);
    const std::string exceeds = threshold ? "> " + number(*threshold) : ">= 1";
    return fmt::format(
        "(\n"
        "  max without (sloth_window) (last_over_time(slo:sli_error:ratio_rate{short}{selector}"
        "[{long}])) {exceeds}\n"
        "  and\n"
        "  max without (sloth_window) (slo:sli_error:ratio_rate{long}{selector}) {exceeds}\n"
        "  and on ({labels})\n"
        "  {bad} > {fewest}\n"
        ")",
        fmt::arg("short", window_of(alert.short_window)), fmt::arg("long", long_window),
        fmt::arg("selector", m_selector), fmt::arg("exceeds", exceeds),
        fmt::arg("labels", m_labels),
        // increase() extrapolates: the number of events is only near a whole one.
        fmt::arg("bad", by_target("increase", "llm_probe_slo_bad_events_total", long_window)),
        fmt::arg("fewest", k_fewest_bad_events - 0.5));
  }

  [[nodiscard]] Rule burn_alert(std::string_view severity) const {
    std::string expression;
    for (const BurnRateAlert& alert : k_burn_rate_alerts) {
      if (alert.severity == severity) {
        expression += (expression.empty() ? "" : "\nor\n") + condition(alert);
      }
    }
    return {.kind = Rule::Kind::alert,
            .name = "InferometerSLOBudgetBurn",
            .expression = std::move(expression),
            .pending = {},
            .labels = {{"slo", literal(m_slo.name)},
                       {"severity", std::string(severity)},
                       {"sloth_severity", std::string(severity)}},
            .annotations = {
                {"summary", "{{ $labels.provider }} breaks its SLO {{ $labels.sloth_slo }}"},
                {"description",
                 fmt::format("{{{{ $value | humanizePercentage }}}} of the attempts at {{{{ "
                             "$labels.model }}}} of {{{{ $labels.provider }}}} with the workload "
                             "{{{{ $labels.workload }}}} failed or missed the SLO, where its "
                             "objective allows {}.",
                             number(error_budget(m_slo) * 100) + "%")},
                {"runbook_url", m_runbook + "#an-slo-burns-its-error-budget"}}};
  }

  [[nodiscard]] Rule absent_alert() const {
    return {
        .kind = Rule::Kind::alert,
        .name = "InferometerSLOAbsent",
        .expression = fmt::format("absent(llm_probe_slo_events_total{})", m_selector),
        .pending = "10m",
        .labels = {{"slo", literal(m_slo.name)}, {"severity", "page"}, {"sloth_severity", "page"}},
        .annotations = {
            {"summary", "Nothing tells whether the SLO {{ $labels.slo }} is met"},
            {"description",
             "Prometheus has no events of this SLO: the daemon is down or not scraped, or no "
             "longer configured with it. No other alert of the SLO can fire."},
            {"runbook_url", m_runbook + "#an-slo-has-no-events"}}};
  }

  [[nodiscard]] std::vector<Rule> alerts() const {
    return {burn_alert("page"), burn_alert("ticket"), absent_alert()};
  }

  const Slo& m_slo;
  const std::string m_labels;
  const std::string m_selector;
  const std::string m_runbook;
};

/// The longest interval of the targets that the SLO matches.
base::Duration longest_interval(const Config& config, const Slo& slo) {
  base::Duration longest{};
  for (const config::Target& target : config.targets) {
    if (config::matches(slo.match, target.key())) {
      longest = std::max(longest, target.interval);
    }
  }
  return longest;
}

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

std::vector<std::string> alert_notes(const Config& config) {
  std::vector<std::string> notes;
  for (const Slo& slo : config.slos) {
    const base::Duration interval = longest_interval(config, slo);
    for (const std::string_view severity : {"page", "ticket"}) {
      const auto time = time_to_fire(severity, slo, interval);
      const auto by_rate = time_to_fire(severity, slo, interval, 1);
      if (!time) {
        notes.push_back(
            fmt::format("SLO {}: a probe every {} is too rare for its {} alerts: they never fire",
                        config::quote(slo.name), base::format_duration(interval), severity));
      } else if (time != by_rate) {
        notes.push_back(fmt::format(
            "SLO {}: with a probe every {}, a {} alert takes {} failures, so it fires after {} "
            "of an outage at the earliest",
            config::quote(slo.name), base::format_duration(interval), severity, k_fewest_bad_events,
            base::format_duration(*time)));
      }
    }
  }
  return notes;
}

}  // namespace inferometer::slo
