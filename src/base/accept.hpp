#pragma once

#include <string_view>
#include <utility>
#include <vector>

/// The quality lists of HTTP requests, such as Accept and Accept-Encoding.
namespace inferometer::base {

/// One element of such a list: `type;name=value;q=0.5`. Views of the header.
struct Preference {
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  ///< without q
  double quality = 1;                                                     ///< 0: refused
};

/// The elements in the order sent; one whose quality cannot be read, or is not in [0, 1], is left
/// out. Source: RFC 9110, 12.4 and 12.5.
[[nodiscard]] std::vector<Preference> parse_preferences(std::string_view header);

/// The quality of a content coding or a media type without parameters, by its most specific
/// element (`text/html`, `text/*`, `*/*`; `gzip`, `*`); 0 if none covers it.
[[nodiscard]] double quality_of(const std::vector<Preference>& preferences, std::string_view value);

}  // namespace inferometer::base
