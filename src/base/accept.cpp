#include "base/accept.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace inferometer::base {
namespace {

/// Takes what stands before the first delimiter that is not in a quoted string off `rest`, and the
/// delimiter with it.
std::string_view take_until(std::string_view& rest, char delimiter) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != delimiter); ++end) {
    if (rest[end] == '"') {
      quoted = !quoted;
    } else if (quoted && rest[end] == '\\') {
      ++end;
    }
  }
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(taken);
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<double> parse_quality(std::string_view text) {
  double quality = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, quality, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != end || !(quality >= 0 && quality <= 1)) {
    return std::nullopt;
  }
  return quality;
}

/// No value if its quality cannot be read.
std::optional<Preference> parse_preference(std::string_view element) {
  Preference preference{.value = take_until(element, ';'), .parameters = {}};
  while (!element.empty()) {
    std::string_view rest = take_until(element, ';');
    const std::string_view name = take_until(rest, '=');
    const std::string_view value = trimmed(rest);
    if (equal_ignoring_case(name, "q")) {
      const auto quality = parse_quality(value);
      if (!quality) {
        return std::nullopt;
      }
      preference.quality = *quality;
    } else if (!name.empty()) {
      preference.parameters.emplace_back(name, without_quotes(value));
    }
  }
  return preference;
}

/// How exactly a preference describes the value: 0 if it does not cover it.
int specificity(std::string_view preference, std::string_view value) {
  if (equal_ignoring_case(preference, value)) {
    return 3;
  }
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) {
    return preference == "*" ? 1 : 0;
  }
  const bool is_range = preference.size() == slash + 2 && preference.ends_with("/*");
  if (is_range && equal_ignoring_case(preference.substr(0, slash), value.substr(0, slash))) {
    return 2;
  }
  return preference == "*/*" ? 1 : 0;
}

}  // namespace

std::vector<Preference> parse_preferences(std::string_view header) {
  std::vector<Preference> preferences;
  while (!header.empty()) {
    const std::string_view element = take_until(header, ',');
    if (auto preference = parse_preference(element); preference && !preference->value.empty()) {
      preferences.push_back(std::move(*preference));
    }
  }
  return preferences;
}

double quality_of(const std::vector<Preference>& preferences, std::string_view value) {
  int best = 0;
  double quality = 0;
  for (const Preference& preference : preferences) {
    const int specific = specificity(preference.value, value);
    if (specific > best || (specific == best && best > 0)) {
      quality = specific > best ? preference.quality : std::max(quality, preference.quality);
      best = specific;
    }
  }
  return quality;
}

}  // namespace inferometer::base
