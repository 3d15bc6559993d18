#include "metrics/on_demand.hpp"

#include "measure/derive.hpp"
#include "measure/trust.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/probe_counters.hpp"
#include "metrics/probe_series.hpp"
#include "metrics/snapshot.hpp"

#include <optional>
#include <string>

namespace inferometer::metrics {
namespace {

using measure::Measurement;
using Samples = std::vector<Sample>;

void append(Samples& samples, std::optional<double> value, std::optional<Label> label = {}) {
  if (value) {
    samples.push_back(
        {.labels = nullptr, .last_label = std::move(label), .value = *value, .created = {}});
  }
}

/// A figure whose error bound is too large is none.
template <auto Figure>
void append_span(const Measurement& measurement, Samples& samples) {
  const auto span = Figure(measurement);
  if (span && !measurement.suspect) {
    append(samples, base::seconds(*span));
  }
}

void append_success(const Measurement& measurement, Samples& samples) {
  append(samples, measurement.outcome == measure::Outcome::success ? 1 : 0);
}

/// Always there, as blackbox_exporter's: for how long the probe took there is no doubt that
/// matters.
void append_duration(const Measurement& measurement, Samples& samples) {
  append(samples, base::seconds(measure::duration(measurement).value_or(measure::Duration())));
}

void append_phases(const Measurement& measurement, Samples& samples) {
  const measure::Phases phases = measure::phases(measurement);
  for (const PhaseLabel& phase : k_phase_labels) {
    if (const auto span = phases.*phase.value; span && !measurement.suspect) {
      append(samples, base::seconds(*span), Label{"phase", std::string(phase.name)});
    }
  }
}

void append_speed(const Measurement& measurement, Samples& samples) {
  if (!measurement.suspect) {
    append(samples, measure::output_tokens_per_second(measurement));
  }
}

void append_tokens(const Measurement& measurement, Samples& samples) {
  for (const TokenLabel& token : k_token_labels) {
    if (measurement.usage) {
      if (const auto count = (*measurement.usage).*token.value) {
        append(samples, static_cast<double>(*count), Label{"kind", std::string(token.name)});
      }
    }
  }
}

void append_outcome(const Measurement& measurement, Samples& samples) {
  append(samples, 1, Label{"outcome", std::string(to_string(measurement.outcome))});
}

void append_suspect(const Measurement& measurement, Samples& samples) {
  append(samples, measurement.suspect ? 1 : 0);
}

void append_error_bound(const Measurement& measurement, Samples& samples) {
  if (const auto bound = measure::main_figure(measurement).bound) {
    append(samples, base::seconds(*bound));
  }
}

void append_status(const Measurement& measurement, Samples& samples) {
  append(samples, measurement.http_status);
}

void append_expiry(const Measurement& measurement, Samples& samples) {
  if (const auto expiry = measurement.connection.certificate_expiry) {
    append(samples, base::unix_seconds(*expiry));
  }
}

struct OnDemandRow {
  const Metric& metric;
  void (*append)(const Measurement& measurement, Samples& samples);
};

constexpr OnDemandRow k_on_demand_rows[]{
    {on_demand_metric("probe_success"), append_success},
    {on_demand_metric("probe_duration_seconds"), append_duration},
    {on_demand_metric("probe_llm_outcome_info"), append_outcome},
    {on_demand_metric("probe_llm_ttft_seconds"), append_span<measure::time_to_first_token>},
    {on_demand_metric("probe_llm_server_ttft_seconds"),
     append_span<measure::server_time_to_first_token>},
    {on_demand_metric("probe_llm_first_reasoning_seconds"),
     append_span<measure::time_to_first_reasoning>},
    {on_demand_metric("probe_llm_time_per_output_token_seconds"),
     append_span<measure::time_per_output_token>},
    {on_demand_metric("probe_llm_output_tokens_per_second"), append_speed},
    {on_demand_metric("probe_llm_phase_seconds"), append_phases},
    {on_demand_metric("probe_llm_tokens"), append_tokens},
    {on_demand_metric("probe_llm_suspect"), append_suspect},
    {on_demand_metric("probe_llm_error_bound_seconds"), append_error_bound},
    {on_demand_metric("probe_http_status_code"), append_status},
    {on_demand_metric("probe_ssl_earliest_cert_expiry"), append_expiry},
};
static_assert(std::size(k_on_demand_rows) == std::size(k_on_demand_catalogue));

}  // namespace

Families on_demand_families(const Measurement& measurement) {
  return collect_rows(k_on_demand_rows, {}, [&](const OnDemandRow& row, Samples& samples) {
    row.append(measurement, samples);
  });
}

}  // namespace inferometer::metrics
