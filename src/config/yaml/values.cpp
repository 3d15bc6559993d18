#include "config/yaml/values.hpp"

#include "base/ascii.hpp"
#include "base/duration.hpp"
#include "base/printable.hpp"
#include "config/secret_names.hpp"
#include "config/yaml/substitute.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
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

/// The host of a URL that was accepted.
std::string_view host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find('/'));
  return url.substr(0, find_port(url));
}

/// Whether `host` is this machine, whatever a resolver may say: 127.0.0.0/8, [::1] or localhost.
bool is_loopback(std::string_view host) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24U) == 127;
  }
  return host == "[::1]" || base::equal_ignoring_case(host, "localhost");
}

/// Whether `host` is an IPv6 address in brackets that begins with these bytes.
bool begins_with(std::string_view host, std::string_view bytes) {
  in6_addr address{};
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
         inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1 &&
         std::string_view(reinterpret_cast<const char*>(address.s6_addr), sizeof address.s6_addr)
             .starts_with(bytes);
}

/// Whether `host` is an address of this machine's link: 169.254.0.0/16 (RFC 3927), or
/// fd00:ec2::/32, where AWS has its services of the link.
bool is_link_local(std::string_view host) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 16U) == (169U << 8U | 254U);
  }
  return begins_with(host, std::string_view("\xfd\x00\x0e\xc2", 4));
}

bool is_container_host(std::string_view host) {
  return host == "169.254.170.2" || host == "169.254.170.23" ||
         begins_with(host, std::string_view("\xfd\x00\x0e\xc2\0\0\0\0\0\0\0\0\0\0\0\x23", 16));
}

/// Refuses what is not `scheme://host[:port][/path]`.
base::Result<void> check_url(std::string_view text,
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
  if (rest.find_first_of("{}") != std::string_view::npos) {
    return base::fail("no braces can stand here");
  }
  const std::size_t colon = find_port(authority);
  if (!is_host(authority.substr(0, colon))) {
    return base::fail("its host is missing or malformed");
  }
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1), 1)) {
    return base::fail("its port must be from 1 to 65535");
  }
  return {};
}

/// The URL without trailing slashes if it is `scheme://host[:port][/path]`.
base::Result<std::string> parse_url(std::string_view text,
                                    std::initializer_list<std::string_view> schemes) {
  return check_url(text, schemes).map([text] {
    return std::string(text.substr(0, text.find_last_not_of('/') + 1));
  });
}

/// https, or http to this machine or a host that `is_near`; as it is, with its query.
base::Result<std::string> parse_url_of_link(std::string_view text,
                                            bool (*is_near)(std::string_view host),
                                            const char* hint) {
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::string_view query = text.substr(std::min(question + 1, text.size()));
  const bool is_query = std::all_of(query.begin(), query.end(),
                                    [](char c) { return is_visible_ascii(c) && c != '#'; });
  const std::string_view url = text.substr(0, question);
  if (auto checked = check_url(url, {"http", "https"}); !checked || !is_query) {
    return base::fail(checked ? "remove what follows #" : checked.error().message);
  }
  const std::string_view host = host_of(url);
  if (url.starts_with("http:") && !is_loopback(host) && !is_near(host)) {
    return base::fail(hint);
  }
  return std::string(text);
}

/// Whether a parameter of that query has a name that carries a credential.
bool has_secret(std::string_view query) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    if (!hint_for_secret_parameter(parameter.substr(0, parameter.find('='))).empty()) {
      return true;
    }
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
  }
  return false;
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

base::Result<std::string> parse_host_name(std::string_view text) {
  if (!is_host(text)) {
    return base::fail("write the name alone, without scheme and port");
  }
  return base::to_lower(text);
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
    return c == '-' || (is_alphanumeric(c) && c == base::to_lower(c));
  };
  if (text.empty() || text.size() > k_longest_region ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("");
  }
  return std::string(text);
}

base::Result<std::string> parse_http_url(std::string_view text) {
  return parse_url(text, {"http", "https"});
}

base::Result<std::string> parse_base_url(std::string_view text) {
  static constexpr std::string_view k_model = "{model}";
  // With a letter for each placeholder, it is a URL like any other. A URL without `://` has no
  // path either: npos + 3 is its beginning, where no placeholder is replaced.
  const std::size_t path = text.find('/', text.find("://") + 3);
  std::string plain(text);
  for (std::size_t at = plain.find(k_model, path); at != std::string::npos;
       at = plain.find(k_model, at)) {
    plain.replace(at, k_model.size(), 1, 'm');
  }
  if (plain.find_first_of("{}") != std::string::npos) {
    return base::fail("in braces, its path may hold {model} and nothing else");
  }
  return parse_http_url(plain).map([text](const std::string&) {
    return std::string(text.substr(0, text.find_last_not_of('/') + 1));
  });
}

base::Result<std::string> parse_token_url(std::string_view text) {
  auto url = parse_http_url(text);
  if (url && url->starts_with("http:") && !is_loopback(host_of(*url))) {
    return base::fail("http would show the secret to everyone on the way: use https://");
  }
  return url;
}

base::Result<std::string> parse_metadata_url(std::string_view text) {
  return parse_url_of_link(text, is_link_local,
                           "http may lead to this machine or to an address of 169.254.0.0/16 and "
                           "fd00:ec2::/32 alone: use https://");
}

base::Result<std::string> parse_container_url(std::string_view text) {
  return parse_url_of_link(text, is_container_host,
                           "http may lead to this machine, 169.254.170.2, 169.254.170.23 and "
                           "[fd00:ec2::23] alone: use https://");
}

base::Result<std::string> parse_role_arn(std::string_view text) {
  constexpr std::size_t k_longest = 2048;
  if (!text.starts_with("arn:") || text.find(":role/") == std::string_view::npos ||
      text.size() > k_longest || !std::all_of(text.begin(), text.end(), is_visible_ascii)) {
    return base::fail("write it as arn:aws:iam::ACCOUNT:role/NAME");
  }
  return std::string(text);
}

base::Result<std::string> parse_session_name(std::string_view text) {
  constexpr std::size_t k_shortest = 2;
  constexpr std::size_t k_longest = 64;
  const auto is_allowed = [](char c) {
    return is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  };
  if (text.size() < k_shortest || text.size() > k_longest ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("");
  }
  return std::string(text);
}

base::Result<std::string> parse_entra_id(std::string_view text) {
  const auto is_allowed = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; };
  if (text.empty() || text.size() > k_longest_name ||
      !std::all_of(text.begin(), text.end(), is_allowed)) {
    return base::fail("write it as 00000000-0000-0000-0000-000000000000");
  }
  return std::string(text);
}

base::Result<std::string> parse_page_url(std::string_view text) {
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::string_view query = text.substr(std::min(question + 1, text.size()));
  if (query.find('#') != std::string_view::npos) {
    return base::fail("remove what follows #");
  }
  if (!std::all_of(query.begin(), query.end(), is_visible_ascii)) {
    return base::fail("only visible ASCII can stand in a URL: encode the rest");
  }
  if (has_secret(query)) {
    return base::fail("its query holds a secret: send it by auth instead");
  }
  return check_url(text.substr(0, question), {"http", "https"}).map([text] {
    return std::string(text);
  });
}

base::Result<std::string> parse_proxy_url(std::string_view text) {
  auto url = parse_url(text, {"http", "https", "socks5", "socks5h"});
  if (url && url->find('/', url->find("://") + 3) != std::string::npos) {
    return base::fail("a proxy has no path");
  }
  return url;
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
