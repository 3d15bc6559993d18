#pragma once

#include "metrics/family.hpp"

#include <string>

namespace inferometer::exposition {

/// Prometheus' text format 0.0.4: HELP, TYPE and samples, with doubles written so that they read
/// back exactly. Source: prometheus.io/docs/instrumenting/exposition_formats.
[[nodiscard]] std::string write_text(const metrics::Families& families);

}  // namespace inferometer::exposition
