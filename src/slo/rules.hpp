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
  std::string name;      ///< unique in a file
  std::string interval;  ///< between two evaluations, as Prometheus writes it; empty: the server's
  std::vector<Rule> rules;
};

/// Recording rules and alerts of each SLO, for each of its targets on its own: for SLO and target,
/// the ratio of bad events over eight windows, the error budget and what is left of it, burn rates;
/// an alert that pages and one that does not, one for a target that is hardly judged, and one for
/// an SLO that Prometheus knows nothing of. Names and labels are those of sloth, whose dashboards
/// work on them: a service is a provider, and an SLO of it is our SLO at a model and a workload.
/// `runbook` is the address of docs/alerting.md.
[[nodiscard]] std::vector<RuleGroup> make_rules(const config::Config& config,
                                                const std::string& runbook);

/// What the user should know of an SLO's alerts before they rely on them.
struct AlertNote {
  bool never = false;  ///< they cannot fire; else they fire later than the burn rate alone has it
  std::string text;    ///< one line
};
/// As the probes are few: of each SLO, by its target that is asked most rarely.
[[nodiscard]] std::vector<AlertNote> alert_notes(const config::Config& config);

/// A rule file of Prometheus'.
[[nodiscard]] std::string to_rule_file(const std::vector<RuleGroup>& groups);

/// The same as a resource of the Prometheus operator, of kind PrometheusRule.
[[nodiscard]] std::string to_manifest(const std::vector<RuleGroup>& groups);

}  // namespace inferometer::slo
