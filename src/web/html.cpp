#include "web/html.hpp"

#include <fmt/format.h>

namespace inferometer::web {

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string three_digits(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string format_span(std::optional<base::Duration> span) {
  if (!span) {
    return std::string(k_none);
  }
  const double seconds = base::seconds(*span);
  if (seconds < 1e-3) {
    return three_digits(seconds * 1e6) + " µs";
  }
  return seconds < 1 ? three_digits(seconds * 1e3) + " ms" : three_digits(seconds) + " s";
}

}  // namespace inferometer::web
