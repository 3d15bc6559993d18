#include "config/values.hpp"

#include "base/ascii.hpp"
#include "base/duration.hpp"
#include "config/substitute.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <system_error>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_name = 128;

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

bool is_alphanumeric(char c) {
  const char lower = base::to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

bool is_token_character(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7f';
}

bool is_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    // An IPv6 address; its exact form is for the resolver to judge.
    text = text.substr(1, text.size() - 2);
    return text.find(':') != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return is_alphanumeric(c) || c == ':' || c == '.' || c == '%';
           });
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_port(std::string_view text, std::uint32_t min) {
  const auto port = to_number<std::uint16_t>(text);
  return port && *port >= min;
}

/// The place of the colon before the port, or npos: colons in [] belong to the address.
std::size_t find_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  return bracket != std::string_view::npos && colon < bracket && colon != std::string_view::npos
             ? std::string_view::npos
             : colon;
}

/// The URL without trailing slashes if it is `scheme://host[:port][/path]`.
base::Result<std::string> parse_url(std::string_view text,
                                    std::initializer_list<std::string_view> schemes) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos ||
      std::find(schemes.begin(), schemes.end(), text.substr(0, scheme_end)) == schemes.end()) {
    return base::fail(fmt::format("begin it with {}://", fmt::join(schemes, ":// or ")));
  }
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return base::fail("it holds a user or a password, which do not belong here");
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return base::fail("remove what follows ? or #");
  }
  if (!std::all_of(rest.begin(), rest.end(), is_visible_ascii)) {
    return base::fail("only visible ASCII can stand in a URL: encode the rest");
  }
  const std::size_t colon = find_port(authority);
  if (!is_host(authority.substr(0, colon))) {
    return base::fail("its host is missing or malformed");
  }
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1), 1)) {
    return base::fail("its port must be from 1 to 65535");
  }
  return std::string(text.substr(0, text.find_last_not_of('/') + 1));
}

}  // namespace

base::Result<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > k_longest_name) {
    return base::fail("");
  }
  return std::string(text);
}

base::Result<std::string> parse_not_empty(std::string_view text) {
  if (text.empty()) {
    return base::fail("give it a value or remove the key");
  }
  return std::string(text);
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

base::Result<std::string> parse_listen_address(std::string_view text) {
  const std::size_t colon = find_port(text);
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1), 0)) {
    return base::fail("end it in a colon and a port from 0 to 65535");
  }
  if (colon > 0 && !is_host(text.substr(0, colon))) {
    return base::fail("its host is malformed: write an IPv6 address in [ ]");
  }
  return std::string(text);
}

bool is_header_name(std::string_view text) {
  return !text.empty() && text.size() <= k_longest_name &&
         std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_credential_header(std::string_view name) {
  static constexpr std::array<std::string_view, 6> k_credentials{
      "api-key", "authorization", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key"};
  return std::find(k_credentials.begin(), k_credentials.end(), base::to_lower(name)) !=
         k_credentials.end();
}

bool smells_of_secret(std::string_view header_name) {
  static constexpr std::array<std::string_view, 6> k_words{"key",  "token",  "secret",
                                                           "auth", "cookie", "password"};
  const std::string lower = base::to_lower(header_name);
  return std::any_of(k_words.begin(), k_words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

base::Result<std::string> parse_base_url(std::string_view text) {
  return parse_url(text, {"http", "https"});
}

base::Result<std::string> parse_proxy_url(std::string_view text) {
  auto url = parse_url(text, {"http", "https", "socks5", "socks5h"});
  if (url && url->find('/', url->find("://") + 3) != std::string::npos) {
    return base::fail("a proxy has no path");
  }
  return url;
}

}  // namespace inferometer::config
