#pragma once

#include "metrics/snapshot.hpp"

#include <cstdint>
#include <string>

namespace inferometer::exposition {

// Numbers as the text formats spell them, appended to `out`; no locale changes them.

void append_count(std::string& out, std::uint64_t count);

/// The fewest digits that read back exactly; plain decimals where people expect them.
void append_value(std::string& out, double value);

/// A bucket's bound as the label `le` has it: always `1.0`, never `1`. A Prometheus before 3.0
/// keeps what a text says, and spells the bounds of protobuf itself: in this way, so that a bucket
/// is one and the same series in every format. Source: OpenMetrics 1.0, "Canonical numbers";
/// Prometheus, model/textparse/protobufparse.go, formatOpenMetricsFloat.
void append_bound(std::string& out, double bound);

/// Unix time in seconds, to the millisecond.
void append_time(std::string& out, double unix_seconds);

/// Prometheus' text format 0.0.4: HELP, TYPE and samples, with doubles written so that they read
/// back exactly. Source: prometheus.io/docs/instrumenting/exposition_formats.
[[nodiscard]] std::string write_text(const metrics::Families& families);

/// OpenMetrics 1.0 with the exemplars of classic buckets. There are no `_created` samples: unless
/// told otherwise, Prometheus stores each as a series of its own. Source:
/// prometheus.io/docs/specs/om/open_metrics_spec.
[[nodiscard]] std::string write_openmetrics(const metrics::Families& families);

}  // namespace inferometer::exposition
