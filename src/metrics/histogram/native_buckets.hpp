#pragma once

#include <cstdint>

/// The buckets of Prometheus' native histograms: bucket i of schema s is
/// (2^((i−1)/2^s), 2^(i/2^s)]. Source: prometheus.io/docs/specs/native_histograms. The bounds are
/// those of Prometheus' own table to the last bit (model/histogram, client_golang), which is not
/// everywhere the nearest double to the power: a bucket is what the server says that it is.
namespace inferometer::metrics {

/// What can be asked for: a quantile is off by at most 9.1 % or 2.2 %.
inline constexpr int k_default_native_schema = 3;
inline constexpr int k_fine_native_schema = 5;

/// The bucket of a value. REQUIRES: 0 < value < ∞, subnormal ones as well; schema 0 to 5.
[[nodiscard]] std::int32_t native_index(double value, int schema);

/// The inclusive upper bound of a bucket. REQUIRES: schema 0 to 5; the bound is a finite double.
[[nodiscard]] double native_upper_bound(std::int32_t index, int schema);

}  // namespace inferometer::metrics
