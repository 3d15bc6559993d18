#include "web/api/parameters.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace inferometer::web {
namespace {

/// None for a broken escape, or for a control character, which no name or value here has.
std::optional<std::string> decode(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text.front() != '%') {
      result += text.front() == '+' ? ' ' : text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || end != digits.data() + 2) {
      return std::nullopt;
    }
    if (base::is_control(static_cast<char>(byte))) {
      return std::nullopt;
    }
    result += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return result;
}

}  // namespace

base::Result<Parameters> parse_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) {
      continue;
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto name = decode(part.substr(0, equals));
    const auto value = decode(part.substr(std::min(equals + 1, part.size())));
    if (!name || !value) {
      return base::fail(
          fmt::format("broken or forbidden %-escape in the query parameter {}", part));
    }
    if (!name->ends_with("[]") && parameters.contains(*name)) {
      return base::fail(fmt::format("the query parameter {} is given twice", *name));
    }
    parameters.emplace(*name, *value);
  }
  return parameters;
}

}  // namespace inferometer::web
