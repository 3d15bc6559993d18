#include "config/web/web_file.hpp"

#include "base/ascii.hpp"
#include "base/duration.hpp"
#include "base/printable.hpp"
#include "config/names.hpp"
#include "config/read_file.hpp"
#include "config/web/tls_server.hpp"
#include "config/web/web_schema.hpp"
#include "config/yaml/document.hpp"
#include "config/yaml/reader.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_largest_web_file = std::size_t{1024} * 1024;
constexpr std::size_t k_most_users = 1000;
constexpr std::size_t k_longest_user = 128;
constexpr std::size_t k_longest_header = 4096;
constexpr std::uint32_t k_largest_burst = 1'000'000;

constexpr std::string_view k_hash_hint =
    "make a hash with htpasswd -nBC 10 USER, which asks for the password";

base::Result<std::string> parse_header_value(std::string_view text) {
  if (text.size() > k_longest_header || base::has_control_character(text)) {
    return base::fail(fmt::format("write it as one line of at most {} bytes", k_longest_header));
  }
  return std::string(text);
}

base::Result<std::string> parse_frame_options(std::string_view text) {
  return text == "deny" || text == "sameorigin" ? base::Result<std::string>(text) : base::fail("");
}

base::Result<std::string> parse_content_type_options(std::string_view text) {
  return text == "nosniff" ? base::Result<std::string>(text) : base::fail("");
}

void read_headers(const MappingReader& mapping, WebFile& into) {
  for (const schema::Key& key : schema::k_response_headers.keys) {
    std::string value;
    auto* const parse = key.name == "X-Frame-Options"          ? parse_frame_options
                        : key.name == "X-Content-Type-Options" ? parse_content_type_options
                                                               : parse_header_value;
    if (mapping.read(key.name, value, parse) && !value.empty()) {
      into.headers.emplace_back(key.name, std::move(value));
    }
  }
}

/// False where http2 is switched off.
bool read_http_server(const MappingReader& mapping, WebFile& into) {
  bool http2 = true;
  mapping.read("http2", http2, parse_boolean);
  if (const Node* const headers = mapping.find("headers")) {
    read_headers(MappingReader(*headers, schema::k_response_headers, mapping.problems()), into);
  }
  return http2;
}

/// Whether the name of a user can be sent as one. RFC 7617, section 2.
bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= k_longest_user &&
         name.find(':') == std::string_view::npos && !base::has_control_character(name);
}

/// Names and hashes are not shown: who misplaces them may have written a password there.
void read_user(const Node::Entry& entry, Names& names, Problems& problems, PasswordHashes& into) {
  if (entry.key->kind != Node::Kind::scalar || !is_user_name(entry.key->written)) {
    problems.add(entry.key->mark, "basic_auth_users: a key is no user's name",
                 fmt::format("use 1 to {} bytes without a colon", k_longest_user));
    return;
  }
  const std::string& name = entry.key->written;
  const unsigned cost =
      entry.value->kind == Node::Kind::scalar ? bcrypt_cost(entry.value->text).value_or(0) : 0;
  if (!names.add(name, entry.key->mark) || entry.value->kind == Node::Kind::refused) {
    return;
  }
  if (cost == 0) {
    problems.add(entry.value->mark,
                 fmt::format("basic_auth_users: what user {} has is no bcrypt hash", quote(name)),
                 std::string(k_hash_hint));
  } else if (cost < k_least_bcrypt_cost || cost > k_largest_bcrypt_cost) {
    problems.add(
        entry.value->mark,
        fmt::format("basic_auth_users: the hash of user {} has the cost {}", quote(name), cost),
        fmt::format("use one from {} to {}: each step doubles the time of a check, and "
                    "10 takes some 60 ms",
                    k_least_bcrypt_cost, k_largest_bcrypt_cost));
  } else {
    into.emplace(name, base::Secret(entry.value->text));
  }
}

void read_users(const MappingReader& file, const Node& node, Problems& problems,
                PasswordHashes& into) {
  if (node.kind == Node::Kind::refused) {
    return;
  }
  if (node.kind != Node::Kind::mapping || node.entries.empty()) {
    // Nobody who writes the key wants to do without passwords.
    file.refuse("basic_auth_users", node, "name at least one user, or remove the key");
    return;
  }
  if (node.entries.size() > k_most_users) {
    problems.add(node.mark, fmt::format("basic_auth_users: more than {} users", k_most_users),
                 "use client certificates, or a proxy that knows them");
    return;
  }
  Names names("user", problems);
  for (const Node::Entry& entry : node.entries) {
    read_user(entry, names, problems, into);
  }
}

std::optional<RequestRate> read_request_rate(const MappingReader& mapping) {
  RequestRate rate;
  mapping.read(
      "interval", rate.interval, [](std::string_view text) -> base::Result<base::Duration> {
        return text == "0"
                   ? base::Duration::zero()
                   : parse_duration_within(text, base::Duration::zero(), std::chrono::hours(24));
      });
  mapping.read("burst", rate.burst,
               [](std::string_view text) { return parse_whole_number(text, 0, k_largest_burst); });
  return rate.interval > base::Duration::zero() ? std::optional(rate) : std::nullopt;
}

WebFile read_web_file(const Node& root, const std::filesystem::path& folder, Problems& problems) {
  const MappingReader file(root, schema::k_web_file, problems);
  WebFile web;
  bool http2 = true;
  if (const Node* const node = file.find("http_server_config")) {
    http2 = read_http_server(MappingReader(*node, schema::k_http_server, problems), web);
  }
  if (const Node* const node = file.find("tls_server_config")) {
    const MappingReader mapping(*node, schema::k_tls_server, problems);
    web.tls = read_tls_server(mapping, folder);
    if (http2) {
      check_http2_suites(*web.tls, mapping);
    }
  }
  if (const Node* const node = file.find("basic_auth_users")) {
    read_users(file, *node, problems, web.users);
  }
  if (const Node* const node = file.find("rate_limit")) {
    web.rate_limit = read_request_rate(MappingReader(*node, schema::k_request_rate, problems));
  }
  return web;
}

}  // namespace

std::optional<unsigned> bcrypt_cost(std::string_view text) {
  constexpr std::size_t k_length = 60;
  constexpr std::size_t k_cost_at = 4;
  constexpr std::size_t k_salt_at = 7;
  constexpr std::array<std::string_view, 3> k_prefixes{"$2a$", "$2b$", "$2y$"};
  const auto is_base64 = [](char c) { return base::is_alphanumeric(c) || c == '.' || c == '/'; };
  if (text.size() != k_length || text[k_salt_at - 1] != '$' ||
      std::ranges::find(k_prefixes, text.substr(0, k_cost_at)) == k_prefixes.end() ||
      !std::ranges::all_of(text.substr(k_salt_at), is_base64)) {
    return std::nullopt;
  }
  const auto digit = [&](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
  if (!base::is_digit(text[k_cost_at]) || !base::is_digit(text[k_cost_at + 1])) {
    return std::nullopt;
  }
  return digit(k_cost_at) * 10 + digit(k_cost_at + 1);
}

WebFileResult load_web_text(std::string_view text, const std::string& file_name) {
  Problems problems;
  const auto document = parse_verbatim_document(text, problems);
  WebFile web;
  if (document && document->root != nullptr && document->root->kind != Node::Kind::null) {
    web = read_web_file(*document->root, folder_of(file_name), problems);
  }
  if (!problems.empty()) {
    return tl::make_unexpected(problems.sorted());
  }
  return web;
}

WebFileResult load_web_file(const std::string& file_name) {
  const auto text = read_file_within(k_read_limit, file_name, k_largest_web_file);
  if (!text) {
    return tl::make_unexpected(
        std::vector<Problem>{{0, 0, "cannot be read: " + text.error().message,
                              "name a web configuration file that this user can read"}});
  }
  return load_web_text(*text, file_name);
}

}  // namespace inferometer::config
