#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

namespace inferometer::exposition {

inline constexpr std::string_view k_text_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The families in the Prometheus text format 0.0.4: HELP, TYPE and samples, with help texts and
/// label values escaped and doubles written so that they read back exactly (`NaN`, `+Inf`).
/// Families without samples are left out. REQUIRES: names, help texts and label values are UTF-8,
/// as the configuration's are; Prometheus refuses a whole scrape for one byte that is not. Source:
/// prometheus.io/docs/instrumenting/exposition_formats.
[[nodiscard]] std::string write_text(const std::vector<prometheus::MetricFamily>& families);

}  // namespace inferometer::exposition
