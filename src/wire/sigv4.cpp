#include "wire/sigv4.hpp"

#include "base/ascii.hpp"
#include "wire/digest.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace inferometer::wire {
namespace {

using base::Secret;

constexpr std::string_view k_algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view k_scope_end = "aws4_request";
constexpr std::size_t k_date_size = 8;  // of a time, its first characters

/// Without blanks at either end, and with one blank where there were several.
std::string trimmed(std::string_view value) {
  std::string result;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      result.push_back(c);
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
  }
  if (result.ends_with(' ')) {
    result.pop_back();
  }
  return result;
}

/// The request's values of that header, joined by commas.
std::string value_of(const SigV4Request& request, std::string_view name) {
  std::string value;
  bool first = true;
  for (const SigV4Header& header : request.headers) {
    if (base::equal_ignoring_case(header.name, name)) {
      value.append(std::exchange(first, false) ? "" : ",").append(trimmed(header.value));
    }
  }
  return value;
}

/// However the client wrote the escapes, they are signed in one way.
std::string encoded_again(std::string_view text) {
  return percent_encode(percent_decode(text).value_or(std::string(text)));
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) {
    return {};
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view parameter : base::split(query, '&')) {
    const std::size_t equals = parameter.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : parameter.substr(equals + 1);
    parameters.emplace_back(encoded_again(parameter.substr(0, equals)), encoded_again(value));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string canonical;
  for (const auto& [name, value] : parameters) {
    canonical.append(canonical.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return canonical;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string scope_text(const SigV4Scope& scope) {
  return fmt::format("{}/{}/{}/{}", std::string_view(scope.time).substr(0, k_date_size),
                     scope.region, scope.service, k_scope_end);
}

Secret derived_key(const SigV4Scope& scope, const Secret& secret_access_key) {
  Secret key("AWS4" + secret_access_key.reveal());
  for (const std::string_view part :
       {std::string_view(scope.time).substr(0, k_date_size), std::string_view(scope.region),
        std::string_view(scope.service), k_scope_end}) {
    key = Secret(hmac_sha256(key.reveal(), part));
  }
  return key;
}

/// What follows `name=` in `part`; no value if it begins otherwise.
std::optional<std::string_view> value_after(std::string_view part, std::string_view name) {
  part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
  if (!part.starts_with(name) || !part.substr(name.size()).starts_with('=')) {
    return std::nullopt;
  }
  return part.substr(name.size() + 1);
}

}  // namespace

std::string sigv4_time(base::WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss of_day(floor<seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count());
}

std::string sigv4_canonical_request(const SigV4Request& request,
                                    std::vector<std::string> signed_headers) {
  const std::vector<std::string> names = sorted(std::move(signed_headers));
  std::string headers;
  for (const std::string& name : names) {
    headers += fmt::format("{}:{}\n", name, value_of(request, name));
  }
  const std::string path = request.path.empty() ? "/" : percent_encode_path(request.path);
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path, canonical_query(request.query),
                     headers, fmt::join(names, ";"), sha256_hex(request.body));
}

std::string sigv4_string_to_sign(std::string_view canonical_request, const SigV4Scope& scope) {
  return fmt::format("{}\n{}\n{}\n{}", k_algorithm, scope.time, scope_text(scope),
                     sha256_hex(canonical_request));
}

std::string sigv4_signature(const SigV4Request& request, std::vector<std::string> signed_headers,
                            const SigV4Scope& scope, const Secret& secret_access_key) {
  const std::string canonical = sigv4_canonical_request(request, std::move(signed_headers));
  return hex(hmac_sha256(derived_key(scope, secret_access_key).reveal(),
                         sigv4_string_to_sign(canonical, scope)));
}

std::string sigv4_authorization(const SigV4Request& request, const SigV4Scope& scope,
                                std::string_view access_key_id, const Secret& secret_access_key) {
  std::vector<std::string> names;
  for (const SigV4Header& header : request.headers) {
    names.push_back(base::to_lower(header.name));
  }
  names = sorted(std::move(names));
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", k_algorithm,
                     access_key_id, scope_text(scope), fmt::join(names, ";"),
                     sigv4_signature(request, names, scope, secret_access_key));
}

std::optional<SigV4Authorization> parse_sigv4_authorization(std::string_view value) {
  if (!value.starts_with(k_algorithm) || !value.substr(k_algorithm.size()).starts_with(' ')) {
    return std::nullopt;
  }
  const std::vector<std::string_view> parts =
      base::split(value.substr(k_algorithm.size() + 1), ',');
  if (parts.size() != 3) {
    return std::nullopt;
  }
  const auto credential = value_after(parts[0], "Credential");
  const auto names = value_after(parts[1], "SignedHeaders");
  const auto signature = value_after(parts[2], "Signature");
  if (!credential || !names || !signature) {
    return std::nullopt;
  }
  const std::vector<std::string_view> scope = base::split(*credential, '/');
  if (scope.size() != 5 || scope[4] != k_scope_end) {
    return std::nullopt;
  }
  SigV4Authorization authorization{.access_key_id = std::string(scope[0]),
                                   .date = std::string(scope[1]),
                                   .region = std::string(scope[2]),
                                   .service = std::string(scope[3]),
                                   .signature = std::string(*signature)};
  for (const std::string_view name : base::split(*names, ';')) {
    authorization.signed_headers.emplace_back(name);
  }
  return authorization;
}

}  // namespace inferometer::wire
