#include "sim/api/bedrock.hpp"

#include "base/ascii.hpp"
#include "sim/http/json.hpp"
#include "wire/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <vector>

namespace inferometer::sim::bedrock {
namespace {

// ---- errors

struct Row {
  int status;
  std::string_view type;
  std::string_view message;
};

Row describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "ValidationException", "The request is malformed."};
    case ErrorKind::authentication:
      return {403, "UnrecognizedClientException",
              "The security token included in the request is invalid."};
    case ErrorKind::permission:
      return {403, "AccessDeniedException",
              "You don't have access to the model with the specified model ID."};
    case ErrorKind::not_found:
      return {404, "ResourceNotFoundException", "Could not resolve the foundation model."};
    case ErrorKind::rate_limit:
      return {429, "ThrottlingException", "Too many tokens, please wait before trying again."};
    case ErrorKind::quota:
      return {400, "ServiceQuotaExceededException",
              "Your request exceeds the service quota for your account."};
    case ErrorKind::context_length:
      return {400, "ValidationException", "Input is too long for requested model."};
    case ErrorKind::server_error:
      return {500, "InternalServerException",
              "The system encountered an unexpected error during processing. Try your request "
              "again."};
    case ErrorKind::overloaded:
      return {503, "ServiceUnavailableException", "Bedrock is unable to process your request."};
  }
  return {};
}

/// The types that belong to a status and to no kind of error of ours.
std::string_view type_of(int status, std::string_view otherwise) {
  switch (status) {
    case 408:
      return "ModelTimeoutException";
    case 424:
      return "ModelErrorException";
    default:
      return otherwise;
  }
}

std::string body(std::string_view message) {
  return to_line({{"message", message}});
}

/// An error response of that type, as AWS writes them.
http::Response refusal(int status, std::string_view type, std::string_view message) {
  // The real header says where the type comes from, after a colon.
  return {
      .status = status,
      .content_type = "application/json",
      .headers = {{"x-amzn-ErrorType",
                   fmt::format("{}:http://internal.amazon.com/coral/com.amazon.bedrock/", type)}},
      .body = body(message)};
}

// ---- authentication

constexpr std::string_view k_service = "bedrock";
constexpr base::Duration k_tolerance = std::chrono::minutes(5);
constexpr int k_forbidden = 403;

http::Response refuse(std::string_view type, std::string_view message) {
  return refusal(k_forbidden, type, message);
}

http::Response invalid(std::string_view message) {
  return refuse("InvalidSignatureException", message);
}

std::optional<int> digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

/// Reads a time of the form 20150830T123600Z.
std::optional<base::WallTime> parse_time(std::string_view text) {
  namespace chrono = std::chrono;
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
    return std::nullopt;
  }
  const auto date = digits(text.substr(0, 8));
  const auto time = digits(text.substr(9, 6));
  if (!date || !time) {
    return std::nullopt;
  }
  const chrono::year_month_day day = chrono::year(*date / 10'000) /
                                     chrono::month(static_cast<unsigned>(*date / 100 % 100)) /
                                     chrono::day(static_cast<unsigned>(*date % 100));
  if (!day.ok() || *time / 10'000 > 23 || *time / 100 % 100 > 59 || *time % 100 > 59) {
    return std::nullopt;
  }
  return chrono::sys_days(day) + chrono::hours(*time / 10'000) +
         chrono::minutes(*time / 100 % 100) + chrono::seconds(*time % 100);
}

/// Refuses a signature that was made too long ago or for another day.
std::optional<http::Response> check_time(std::string_view signed_at, std::string_view scope_date,
                                         base::WallTime now) {
  const std::optional<base::WallTime> time = parse_time(signed_at);
  if (!time) {
    return refuse("IncompleteSignatureException",
                  fmt::format("Authorization header requires existence of either a valid "
                              "'X-Amz-Date' or 'Date' header: '{}'",
                              signed_at));
  }
  if (!signed_at.starts_with(scope_date)) {
    return invalid(fmt::format(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'{}' != '{}', from '{}'.",
        scope_date, signed_at.substr(0, scope_date.size()), signed_at));
  }
  const std::string here = wire::sigv4_time(now);
  if (*time < now - k_tolerance) {
    return invalid(fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                               signed_at, wire::sigv4_time(now - k_tolerance), here));
  }
  if (*time > now + k_tolerance) {
    return invalid(fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)",
                               signed_at, wire::sigv4_time(now + k_tolerance), here));
  }
  return std::nullopt;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string sign(const http::Request& request, const wire::SigV4Authorization& given,
                 const base::Secret& secret_access_key) {
  std::vector<wire::SigV4Header> headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back({.name = name, .value = value});
  }
  return wire::sigv4_signature({.method = request.method,
                                .path = request.path,
                                .query = request.query,
                                .headers = headers,
                                .body = request.body},
                               given.signed_headers,
                               {.time = std::string(request.header("x-amz-date")),
                                .region = given.region,
                                .service = given.service},
                               secret_access_key);
}

}  // namespace

http::Response render_error(const ApiError& error) {
  const Row row = describe(error.kind);
  return refusal(error.status > 0 ? error.status : row.status, type_of(error.status, row.type),
                 error.message.empty() ? row.message : error.message);
}

Exception exception(ErrorKind kind) {
  const Row row = describe(kind);
  std::string type(row.type);
  type.front() = base::to_lower(type.substr(0, 1)).front();
  return {.type = std::move(type), .payload = body(row.message)};
}

std::optional<http::Response> check_signature(const http::Request& request,
                                              const base::Secret& secret_access_key,
                                              base::WallTime now) {
  const std::string_view header = request.header("authorization");
  if (header.empty()) {
    return refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  if (header.starts_with("Bearer ")) {
    return refuse("AccessDeniedException",
                  "Authentication failed: Please make sure your API Key is valid.");
  }
  const std::optional<wire::SigV4Authorization> given = wire::parse_sigv4_authorization(header);
  if (!given) {
    return refuse("IncompleteSignatureException",
                  "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
                  "parameters.");
  }
  if (given->access_key_id != k_access_key_id) {
    return refuse("UnrecognizedClientException",
                  "The security token included in the request is invalid.");
  }
  if (auto refusal = check_time(request.header("x-amz-date"), given->date, now)) {
    return refusal;
  }
  if (given->service != k_service) {
    return invalid("Credential should be scoped to correct service: 'bedrock'.");
  }
  for (const std::string_view name : {"host", "x-amz-date"}) {
    if (!contains(given->signed_headers, name)) {
      return invalid(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", name));
    }
  }
  if (sign(request, *given, secret_access_key) != given->signature) {
    return invalid(
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for "
        "details.");
  }
  return std::nullopt;
}

}  // namespace inferometer::sim::bedrock
