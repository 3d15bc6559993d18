#include "web/api/parameters.hpp"

#include "base/ascii.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace inferometer::web {
namespace {

/// None for a broken escape, or for a control character, which no name or value here has.
std::optional<std::string> decode(std::string_view text) {
  std::string blanks(text);
  std::ranges::replace(blanks, '+', ' ');
  auto decoded = wire::percent_decode(blanks);
  if (decoded && std::ranges::any_of(*decoded, base::is_control)) {
    return std::nullopt;
  }
  return decoded;
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
