#include "metrics/histogram/exemplar.hpp"

#include "base/clock.hpp"
#include "measure/derive.hpp"

#include <charconv>
#include <string>
#include <system_error>

namespace inferometer::metrics {

std::optional<ExemplarSource> exemplar_source(const measure::Measurement& measurement) {
  ExemplarSource source;
  const std::string& id = measurement.id;
  const auto [end, error] =
      std::from_chars(id.data(), id.data() + id.size(), source.measurement, 16);
  if (error != std::errc() || end != id.data() + id.size()) {
    return std::nullopt;
  }
  source.unix_seconds =
      base::unix_seconds(measurement.started_at) +
      base::seconds(measure::duration(measurement).value_or(measure::Duration::zero()));
  return source;
}

}  // namespace inferometer::metrics
