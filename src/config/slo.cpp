#include "config/slo.hpp"

#include <algorithm>
#include <string>

namespace inferometer::config {
namespace {

bool takes_in(const std::optional<std::string>& wanted, const std::string& name) {
  return !wanted || *wanted == name;
}

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

}  // namespace inferometer::config
