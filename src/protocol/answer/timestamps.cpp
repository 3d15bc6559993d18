#include "protocol/answer/timestamps.hpp"

#include "base/ascii.hpp"

#include <charconv>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

namespace inferometer::protocol {
namespace {

constexpr std::size_t k_longest_text = 64;

/// Reads the beginning of `text` by a format of strftime's, as UTC; `rest` gets what is left.
std::optional<base::WallTime> parse_utc(std::string_view text, const char* format,
                                        std::string& rest) {
  if (text.size() > k_longest_text) {
    return std::nullopt;
  }
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  std::tm broken_down{};
  in >> std::get_time(&broken_down, format);
  if (in.fail()) {
    return std::nullopt;
  }
  rest.clear();
  std::getline(in, rest, '\0');
  const std::time_t seconds = timegm(&broken_down);
  constexpr std::time_t k_latest = 9'000'000'000;  // 64-bit nanoseconds end soon after
  if (seconds < 0 || seconds > k_latest) {
    return std::nullopt;
  }
  return base::WallTime(std::chrono::seconds(seconds));
}

/// `+02:00` or `-05:30`; no value for anything else.
std::optional<base::Duration> parse_offset(std::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
      !base::is_digit(text[1]) || !base::is_digit(text[2]) || !base::is_digit(text[4]) ||
      !base::is_digit(text[5])) {
    return std::nullopt;
  }
  const auto number = [&text](std::size_t at) {
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
  };
  const base::Duration size = std::chrono::hours(number(1)) + std::chrono::minutes(number(4));
  return text[0] == '-' ? -size : size;
}

}  // namespace

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  std::string rest;
  const auto time = parse_utc(text, "%a, %d %b %Y %H:%M:%S", rest);
  return time && rest == " GMT" ? time : std::nullopt;
}

std::optional<base::WallTime> parse_rfc3339(std::string_view text) {
  std::string rest;
  const auto time = parse_utc(text, "%Y-%m-%dT%H:%M:%S", rest);
  if (!time) {
    return std::nullopt;
  }
  base::Duration fraction{};
  std::string_view zone = rest;
  if (zone.starts_with('.')) {
    std::size_t end = 1;
    for (base::Duration unit = std::chrono::milliseconds(100);
         end < zone.size() && base::is_digit(zone[end]); ++end, unit /= 10) {
      fraction += unit * (zone[end] - '0');
    }
    zone.remove_prefix(end);
  }
  if (zone == "Z" || zone == "z") {
    return *time + fraction;
  }
  const auto offset = parse_offset(zone);
  return offset ? std::optional(*time + fraction - *offset) : std::nullopt;
}

std::optional<base::Duration> parse_seconds(std::string_view text) {
  double seconds = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr double k_most = 9e9;  // what is more would overflow nanoseconds
  if (error != std::errc() || end != text.data() + text.size() ||
      !(seconds >= 0 && seconds <= k_most)) {
    return std::nullopt;
  }
  return base::Duration(std::llround(seconds * 1e9));
}

}  // namespace inferometer::protocol
