#pragma once

#include "slo/rules.hpp"

#include <string>
#include <vector>

namespace inferometer::slo {

/// A rule file of Prometheus'.
[[nodiscard]] std::string to_rule_file(const std::vector<RuleGroup>& groups);

/// The same as a resource of the Prometheus operator, of kind PrometheusRule.
[[nodiscard]] std::string to_manifest(const std::vector<RuleGroup>& groups);

}  // namespace inferometer::slo
