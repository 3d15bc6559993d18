#include "config/yaml/values.hpp"

#include "base/ascii.hpp"
#include "base/duration.hpp"
#include "base/printable.hpp"
#include "config/yaml/substitute.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_name = 128;
constexpr std::size_t k_longest_region = 32;

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

bool is_token_character(char c) {
  return base::is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Whether the character, in UTF-8, stands for none: U+FFFD, or one of those that no text may hold
/// (the Unicode standard, 23.7). Rule files of Prometheus' cannot carry them.
bool is_no_character(std::string_view character) {
  constexpr std::string_view k_replacement = "\xef\xbf\xbd";
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const std::size_t last = character.size() - 1;
  if (character == k_replacement) {
    return true;
  }
  if (character.size() == 3 && byte(0) == 0xef && byte(1) == 0xb7) {
    return byte(2) >= 0x90 && byte(2) <= 0xaf;
  }
  return character.size() >= 3 && (byte(last - 2) & 0x0fU) == 0x0f && byte(last - 1) == 0xbf &&
         byte(last) >= 0xbe;
}

}  // namespace

base::Result<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > k_longest_name) {
    return base::fail("");
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = base::first_character(rest);
    if (character.empty() || base::invisible_code(character) || is_no_character(character)) {
      return base::fail("it holds a character that cannot be shown");
    }
    rest.remove_prefix(character.size());
  }
  return std::string(text);
}

base::Result<std::string> parse_not_empty(std::string_view text) {
  if (text.empty()) {
    return base::fail("give it a value or remove the key");
  }
  return std::string(text);
}

base::Result<std::string> parse_path(std::string_view text, const std::filesystem::path& folder) {
  return parse_not_empty(text).map(
      [&folder](const std::string& path) { return (folder / path).string(); });
}

base::Result<bool> parse_boolean(std::string_view text) {
  if (text != "true" && text != "false") {
    return base::fail("");
  }
  return text == "true";
}

base::Result<std::uint32_t> parse_whole_number(std::string_view text, std::uint32_t min,
                                               std::uint32_t max) {
  const auto number = to_number<std::uint32_t>(text);
  if (!number || *number < min || *number > max) {
    return base::fail("");
  }
  return *number;
}

base::Result<double> parse_number(std::string_view text, double min, double max) {
  const auto number = to_number<double>(text);
  if (!number || !(*number >= min && *number <= max)) {  // NaN is in no range
    return base::fail("");
  }
  return *number;
}

base::Result<base::Duration> parse_duration_within(std::string_view text, base::Duration min,
                                                   base::Duration max) {
  auto duration = base::parse_duration(text);
  if (duration && (*duration < min || *duration > max)) {
    return base::fail("");
  }
  return duration;
}

base::Result<base::Duration> parse_timeout(std::string_view text) {
  return parse_duration_within(text, base::Duration(1), std::chrono::hours(1));
}

base::Result<std::string> parse_variable_name(std::string_view text) {
  if (!is_variable_name(text)) {
    return base::fail("use letters, digits and _ alone, and name the variable, not its value");
  }
  return std::string(text);
}

bool is_header_name(std::string_view text) {
  return !text.empty() && text.size() <= k_longest_name &&
         std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_label_name(std::string_view text) {
  static constexpr std::array<std::string_view, 16> k_taken{
      "alertname", "instance", "job",    "kind",     "le",       "model", "outcome", "phase",
      "provider",  "quantile", "reason", "resource", "severity", "sli",   "slo",     "workload"};
  const std::string lower = base::to_lower(text);
  const bool is_number = lower == "inf" || lower == "nan";  // to PromQL, where labels are listed
  return is_variable_name(text) && text.size() <= k_longest_name && !text.starts_with("__") &&
         !text.starts_with("sloth_") && !is_number &&
         std::find(k_taken.begin(), k_taken.end(), text) == k_taken.end();
}

base::Result<std::string> parse_header_name(std::string_view text) {
  if (!is_header_name(text)) {
    return base::fail("use letters, digits and -");
  }
  return std::string(text);
}

base::Result<std::string> parse_region(std::string_view text) {
  const auto is_allowed = [](char c) {
    return c == '-' || (base::is_alphanumeric(c) && c == base::to_lower(c));
  };
  if (text.empty() || text.size() > k_longest_region ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("");
  }
  return std::string(text);
}

base::Result<std::string> parse_role_arn(std::string_view text) {
  constexpr std::size_t k_longest = 2048;
  if (!text.starts_with("arn:") || text.find(":role/") == std::string_view::npos ||
      text.size() > k_longest || !std::all_of(text.begin(), text.end(), base::is_visible_ascii)) {
    return base::fail("write it as arn:aws:iam::ACCOUNT:role/NAME");
  }
  return std::string(text);
}

base::Result<std::string> parse_session_name(std::string_view text) {
  constexpr std::size_t k_shortest = 2;
  constexpr std::size_t k_longest = 64;
  const auto is_allowed = [](char c) {
    return base::is_alphanumeric(c) ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  };
  if (text.size() < k_shortest || text.size() > k_longest ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("");
  }
  return std::string(text);
}

base::Result<std::string> parse_entra_id(std::string_view text) {
  const auto is_allowed = [](char c) { return base::is_alphanumeric(c) || c == '-' || c == '.'; };
  if (text.empty() || text.size() > k_longest_name ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("write it as 00000000-0000-0000-0000-000000000000");
  }
  return std::string(text);
}

base::Result<std::string> parse_extra_body(std::string_view text) {
  constexpr std::size_t k_longest = 4096;
  if (text.size() > k_longest) {
    return base::fail("");
  }
  const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("write it as JSON in quotes, such as '{\"reasoning_effort\": \"low\"}'");
  }
  if (object.contains("stream")) {
    return base::fail("remove stream: the workload says whether answers are streamed");
  }
  return std::string(text);
}

}  // namespace inferometer::config
