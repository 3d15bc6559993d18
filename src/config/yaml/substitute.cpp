#include "config/yaml/substitute.hpp"

#include "base/ascii.hpp"
#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace inferometer::config {
namespace {

bool is_name_character(char c) {
  return base::is_alphanumeric(c) || c == '_';
}

/// Reads what follows a `$`, removes it from `text`, and returns what it stands for.
base::Result<std::string> take_reference(std::string_view& text, const Environment& environment) {
  if (text.starts_with('$')) {
    text.remove_prefix(1);
    return "$";
  }
  const std::size_t end = text.find('}');
  if (!text.starts_with('{') || end == std::string_view::npos) {
    return base::fail("a lone $: write ${NAME} for a variable and $$ for a dollar sign");
  }
  const std::string name(text.substr(1, end - 1));
  text.remove_prefix(end + 1);
  if (!is_variable_name(name)) {
    // Not shown: it may be a piece of a password.
    return base::fail(
        "${…} holds no variable name: use letters, digits and _ alone, no digit first");
  }
  std::optional<std::string> value = environment(name);
  if (!value) {
    return base::fail(
        fmt::format("the environment variable {} is not set: set it, or write $$ for "
                    "a dollar sign",
                    quote(name)));
  }
  return *std::move(value);
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::all_of(text.begin(), text.end(), is_name_character);
}

base::Result<std::string> substitute(std::string_view text, const Environment& environment,
                                     std::size_t max_bytes) {
  std::string result;
  while (result.size() <= max_bytes) {
    const std::size_t dollar = text.find('$');
    result += text.substr(0, dollar);
    if (dollar == std::string_view::npos) {
      break;
    }
    text.remove_prefix(dollar + 1);
    const auto value = take_reference(text, environment);
    if (!value) {
      return tl::make_unexpected(value.error());
    }
    result += *value;
  }
  if (result.size() > max_bytes) {
    return base::fail(fmt::format("the value is longer than {} bytes: shorten it", max_bytes));
  }
  return result;
}

std::string escape_variables(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped.append(c == '$' ? 2 : 1, c);
  }
  return escaped;
}

}  // namespace inferometer::config
