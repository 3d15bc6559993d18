#include "exposition/format.hpp"

#include "base/accept.hpp"
#include "base/ascii.hpp"
#include "exposition/protobuf.hpp"
#include "exposition/text.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace inferometer::exposition {
namespace {

using base::Preference;

/// Whether the preference names this media type and asks for nothing that contradicts it: what else
/// a client says of it (`escaping=allow-utf-8`) is no matter.
bool names_type(const Preference& preference, const Preference& type) {
  const auto agrees = [&type](const auto& parameter) {
    return std::ranges::none_of(type.parameters, [&parameter](const auto& ours) {
      return base::equal_ignoring_case(parameter.first, ours.first) &&
             !base::equal_ignoring_case(parameter.second, ours.second);
    });
  };
  return base::equal_ignoring_case(preference.value, type.value) &&
         std::ranges::all_of(preference.parameters, agrees);
}

/// The quality that a client gives a format that it names; no value if it does not.
std::optional<double> named_quality(const std::vector<Preference>& preferences, Format format) {
  const std::vector<Preference> type = base::parse_preferences(content_type(format));
  std::optional<double> quality;
  for (const Preference& preference : preferences) {
    if (names_type(preference, type.front())) {
      quality = std::max(quality.value_or(0), preference.quality);
    }
  }
  return quality;
}

}  // namespace

std::string_view content_type(Format format) {
  switch (format) {
    case Format::text:
      return "text/plain; version=0.0.4; charset=utf-8";
    case Format::openmetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case Format::protobuf:
      return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
             "encoding=delimited";
  }
  return {};
}

Format negotiate(std::string_view accept) {
  const std::vector<Preference> preferences = base::parse_preferences(accept);
  Format best = Format::text;
  // A wildcard selects text alone: clients that take anything are browsers, or people with curl.
  double best_quality =
      named_quality(preferences, Format::text).value_or(base::quality_of(preferences, "text/*"));
  for (const Format format : {Format::openmetrics, Format::protobuf}) {
    const double quality = named_quality(preferences, format).value_or(0);
    if (quality > 0 && quality >= best_quality) {
      best = format;
      best_quality = quality;
    }
  }
  return best;
}

std::string write(const metrics::Families& families, Format format) {
  switch (format) {
    case Format::text:
      return write_text(families);
    case Format::openmetrics:
      return write_openmetrics(families);
    case Format::protobuf:
      return write_protobuf(families);
  }
  return {};
}

}  // namespace inferometer::exposition
