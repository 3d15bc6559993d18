#include "exposition/sample.hpp"

#include <array>

namespace inferometer::exposition {

using metrics::Metric;
using metrics::MetricType;

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
    case MetricType::summary:
      return "summary";
  }
  return "unknown";
}

std::string_view openmetrics_name(const Metric& metric) {
  constexpr std::string_view k_suffix = "_total";
  std::string_view name = metric.name;
  if (metric.type == MetricType::counter && name.ends_with(k_suffix)) {
    name.remove_suffix(k_suffix.size());
  }
  return name;
}

std::string_view unit_of(const Metric& metric) {
  constexpr std::array<std::string_view, 3> k_units{"seconds", "bytes", "ratio"};
  const std::string_view name = openmetrics_name(metric);
  for (const std::string_view unit : k_units) {
    const std::size_t size = unit.size() + 1;
    if (name.size() > size && name.ends_with(unit) && name[name.size() - size] == '_') {
      return unit;
    }
  }
  return {};
}

ExemplarId exemplar_id(std::uint64_t measurement) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  ExemplarId id{};
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit) {
    *digit = k_digits[measurement % 16];
    measurement /= 16;
  }
  return id;
}

const metrics::Exemplar* ExemplarCursor::take(double upper_bound) {
  const metrics::Exemplar* latest = nullptr;
  while (!m_rest.empty() && m_rest.front().value <= upper_bound) {
    const metrics::Exemplar& exemplar = m_rest.front();
    if (latest == nullptr || exemplar.unix_seconds > latest->unix_seconds) {
      latest = &exemplar;
    }
    m_rest = m_rest.subspan(1);
  }
  return latest;
}

}  // namespace inferometer::exposition
