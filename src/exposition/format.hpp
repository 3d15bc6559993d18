#pragma once

#include "metrics/snapshot.hpp"

#include <array>
#include <string>
#include <string_view>

namespace inferometer::exposition {

enum class Format {
  text,         ///< Prometheus' text format 0.0.4: no exemplars, no native histograms
  openmetrics,  ///< OpenMetrics 1.0: exemplars, no native histograms
  protobuf,     ///< io.prometheus.client.MetricFamily, delimited: exemplars, native histograms
};
inline constexpr std::array k_formats{Format::text, Format::openmetrics, Format::protobuf};

/// For the header Content-Type.
[[nodiscard]] std::string_view content_type(Format format);

/// The format to which the client's header Accept gives the highest quality; of several with the
/// same quality, the one that carries more; text for a client that takes anything, or none of these
/// formats.
[[nodiscard]] Format negotiate(std::string_view accept);

/// The families in that format; those without samples are left out. REQUIRES: label values are
/// UTF-8, as the configuration's are; Prometheus refuses a whole scrape for one byte that is not.
[[nodiscard]] std::string write(const metrics::Families& families, Format format);

}  // namespace inferometer::exposition
