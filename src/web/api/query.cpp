#include "web/api/query.hpp"

#include "measure/derive.hpp"
#include "web/api/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace inferometer::web {
namespace {

using measure::Measurement;
using measure::Outcome;
using Kind = MeasurementQuery::Kind;
using Order = MeasurementQuery::Order;

/// Takes in a name of the target; false if the parameter is another one.
bool read_name(const std::string& name, const std::string& value, TargetQuery& into) {
  if (name == "provider") {
    into.provider = value;
  } else if (name == "model") {
    into.model = value;
  } else if (name == "workload") {
    into.workload = value;
  } else {
    return false;
  }
  return true;
}

base::Result<void> read_outcome(std::string_view value, MeasurementQuery& into) {
  if (value == "failed" || value == "suspect") {
    into.kind = value == "failed" ? Kind::failed : Kind::suspect;
    return {};
  }
  const auto* const found = std::ranges::find(
      measure::k_outcomes, value, [](Outcome outcome) { return measure::to_string(outcome); });
  if (found == measure::k_outcomes.end()) {
    std::vector<std::string_view> names;
    names.reserve(measure::k_outcomes.size());
    for (const Outcome outcome : measure::k_outcomes) {
      names.push_back(measure::to_string(outcome));
    }
    return base::fail(fmt::format("unknown outcome \"{}\": there are failed, suspect, {}", value,
                                  fmt::join(names, ", ")));
  }
  into.kind = Kind::one_outcome;
  into.outcome = *found;
  return {};
}

base::Result<void> read_order(std::string_view value, MeasurementQuery& into) {
  if (value != "newest" && value != "slowest") {
    return base::fail("sort must be newest or slowest");
  }
  into.order = value == "newest" ? Order::newest : Order::slowest;
  return {};
}

base::Result<void> read_limit(std::string_view value, MeasurementQuery& into) {
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, into.limit);
  if (read.ec != std::errc() || read.ptr != end || into.limit < 1 ||
      into.limit > k_max_measurements) {
    return base::fail(fmt::format("limit must be a number from 1 to {}", k_max_measurements));
  }
  return {};
}

base::Result<void> read_parameter(const std::string& name, const std::string& value,
                                  MeasurementQuery& into) {
  if (read_name(name, value, into.target)) {
    return {};
  }
  if (name == "outcome") {
    return read_outcome(value, into);
  }
  if (name == "sort") {
    return read_order(value, into);
  }
  if (name == "limit") {
    return read_limit(value, into);
  }
  return base::fail(
      fmt::format("unknown query parameter {}: there are provider, model, workload, outcome, sort "
                  "and limit",
                  name));
}

bool includes(const MeasurementQuery& query, const Measurement& measurement) {
  if (!query.target.includes(measurement.target)) {
    return false;
  }
  switch (query.kind) {
    case Kind::any:
      return true;
    case Kind::failed:
      return measurement.outcome != Outcome::success;
    case Kind::suspect:
      return measurement.suspect;
    case Kind::one_outcome:
      return measurement.outcome == query.outcome;
  }
  return false;
}

std::optional<base::Duration> main_span(const Measurement& measurement) {
  return measurement.streamed && measurement.outcome == Outcome::success
             ? measure::time_to_first_token(measurement)
             : measure::duration(measurement);
}

}  // namespace

bool TargetQuery::includes(const config::TargetKey& key) const {
  return provider.value_or(key.provider) == key.provider &&
         model.value_or(key.model) == key.model && workload.value_or(key.workload) == key.workload;
}

base::Result<TargetQuery> read_target_query(std::string_view query) {
  const auto parameters = parse_query(query);
  if (!parameters) {
    return tl::make_unexpected(parameters.error());
  }
  TargetQuery result;
  for (const auto& [name, value] : *parameters) {
    if (name == "filter") {
      result.filter = value;
    } else if (!read_name(name, value, result)) {
      return base::fail(fmt::format(
          "unknown query parameter {}: there are filter, provider, model and workload", name));
    }
  }
  return result;
}

std::vector<const TargetStatus*> select_targets(const std::vector<TargetStatus>& targets,
                                                const TargetQuery& query, base::WallTime now) {
  auto selected = select_targets(targets, query.filter, now);
  std::erase_if(selected, [&query](const TargetStatus* each) {
    return !query.includes(each->summary.target);
  });
  return selected;
}

base::Result<MeasurementQuery> read_measurement_query(std::string_view query) {
  const auto parameters = parse_query(query);
  if (!parameters) {
    return tl::make_unexpected(parameters.error());
  }
  MeasurementQuery result;
  for (const auto& [name, value] : *parameters) {
    if (auto taken = read_parameter(name, value, result); !taken) {
      return tl::make_unexpected(std::move(taken.error()));
    }
  }
  return result;
}

Measurements select_measurements(Measurements all, const MeasurementQuery& query) {
  std::erase_if(all, [&query](const auto& measurement) { return !includes(query, *measurement); });
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(std::min(query.limit, all.size()));
  switch (query.order) {
    case Order::newest:
      std::partial_sort(all.begin(), first, all.end(),
                        [](const auto& a, const auto& b) { return a->started_at > b->started_at; });
      break;
    case Order::slowest:
      std::partial_sort(all.begin(), first, all.end(),
                        [](const auto& a, const auto& b) { return main_span(*a) > main_span(*b); });
      break;
  }
  all.erase(first, all.end());
  return all;
}

}  // namespace inferometer::web
