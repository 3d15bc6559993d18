#pragma once

#include "config/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace inferometer::slo {

/// One rule of Prometheus'.
struct Rule {
  enum class Kind { record, alert };

  Kind kind = Kind::record;
  std::string name;  ///< of the series or the alert
  std::string expression;
  std::string
      pending;  ///< of an alert: for how long it must hold, as Prometheus writes it; or empty
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;  ///< of an alert
};

struct RuleGroup {
  std::string name;  ///< unique in a file
  std::vector<Rule> rules;
};

/// Recording rules and alerts of each SLO, for each of its targets on its own: for SLO and target,
/// the ratio of bad events over eight windows, the error budget and what is left of it, burn rates;
/// an alert that pages and one that does not, and one that fires where there are no events at all.
/// Names and labels are those of sloth, whose dashboards work on them: a service is a provider, and
/// an SLO of it is our SLO at a model and a workload. `runbook` is the address of
/// docs/alerting.md.
[[nodiscard]] std::vector<RuleGroup> make_rules(const config::Config& config,
                                                const std::string& runbook);

/// What the user should know of the alerts before they rely on them, a line for each: which fire
/// later than the burn rate alone would have it, or never, as the probes are few.
[[nodiscard]] std::vector<std::string> alert_notes(const config::Config& config);

/// A rule file of Prometheus'.
[[nodiscard]] std::string to_rule_file(const std::vector<RuleGroup>& groups);

/// The same as a resource of the Prometheus operator, of kind PrometheusRule.
[[nodiscard]] std::string to_manifest(const std::vector<RuleGroup>& groups);

}  // namespace inferometer::slo
