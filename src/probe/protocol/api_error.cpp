#include "probe/protocol/api_error.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace inferometer::probe::protocol {
namespace {

using measure::Outcome;
using nlohmann::json;

constexpr std::array k_context_texts{
    std::string_view("maximum context length"),
    std::string_view("context_length_exceeded"),
    std::string_view("exceed_context_size_error"),
    std::string_view("prompt is too long"),
    std::string_view("longer than the model's context length"),
    std::string_view("exceeds the available context size"),
    std::string_view("exceeds the maximum number of tokens"),
    std::string_view("input is too long"),
    std::string_view("exceed context limit"),
    std::string_view("exceeds the context length"),
    std::string_view("reduce the length of the messages"),
    std::string_view("`inputs` must have less than"),
};

constexpr std::array k_quota_texts{
    std::string_view("insufficient_quota"),
    std::string_view("credit_balance_exhausted"),
    std::string_view("billing_error"),
};

constexpr std::array k_rate_texts{
    std::string_view("rate_limit"),
    std::string_view("resource_exhausted"),
    std::string_view("too many tokens, please wait"),
};

constexpr std::array k_overload_texts{
    std::string_view("overloaded"),
    std::string_view("unavailable"),
    std::string_view("insufficient_system_resource"),
    std::string_view("capacity_exceeded"),
};

constexpr std::array k_auth_texts{
    std::string_view("invalid_api_key"),
    std::string_view("authentication_error"),
    std::string_view("permission_error"),
    std::string_view("api_key_invalid"),
};

constexpr std::array k_filter_texts{
    std::string_view("content_filter"),
    std::string_view("responsibleaipolicyviolation"),
};

template <std::size_t Size>
bool contains_any(std::string_view text, const std::array<std::string_view, Size>& needles) {
  return std::any_of(needles.begin(), needles.end(), [text](std::string_view needle) {
    return text.find(needle) != std::string_view::npos;
  });
}

bool is_context_overflow(int status, std::string_view names, std::string_view message) {
  const bool possible = status == 0 || status == 200 || status == 400 || status == 403 ||
                        status == 413 || status == 422;
  const bool tgi_bound = message.find("max_new_tokens") != std::string_view::npos &&
                         message.find("must be <=") != std::string_view::npos;
  return possible && (contains_any(names, k_context_texts) ||
                      contains_any(message, k_context_texts) || tgi_bound);
}

Outcome by_status(int status) {
  switch (status) {
    case 401:
    case 403:
      return Outcome::auth_error;
    case 402:
      return Outcome::quota_exhausted;
    case 407:  // no provider's, but a proxy's on the way
      return Outcome::connect_error;
    case 429:
      return Outcome::rate_limited;
    case 498:
    case 503:
    case 529:
      return Outcome::overloaded;
    case 408:  // the server ran out of time
    case 424:
      return Outcome::server_error;
    default:
      return status >= 500 ? Outcome::server_error : Outcome::client_error;
  }
}

/// The message, or what there is in its place.
std::string description(const ErrorFields& fields) {
  if (!fields.message.empty()) {
    return fields.message;
  }
  const std::string names =
      fields.type + (fields.type.empty() || fields.code.empty() ? "" : " ") + fields.code;
  return names.empty() ? "no message" : names;
}

std::string text_member(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end()) {
    return {};
  }
  if (member->is_string()) {
    return member->get<std::string>();
  }
  return member->is_number_integer() ? std::to_string(member->get<std::int64_t>()) : std::string();
}

/// Some servers write the number as a number, some as text.
int status_member(const json& object) {
  for (const char* name : {"code", "status_code", "http_status_code", "status"}) {
    const std::string text = text_member(object, name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value >= 400 && value < 600) {
      return value;
    }
  }
  return 0;
}

}  // namespace

ErrorFields fields_of_error(const json& error) {
  return {.status = status_member(error),
          .type = text_member(error, "type"),
          .code = text_member(error, "code"),
          .message = text_member(error, "message")};
}

std::optional<ErrorFields> error_fields(const json& body) {
  if (!body.is_object()) {
    return std::nullopt;
  }
  const auto error = body.find("error");
  if (error != body.end() && error->is_object() && !error->empty()) {
    return fields_of_error(*error);
  }
  if (error != body.end() && error->is_string() && !error->get_ref<const std::string&>().empty()) {
    ErrorFields fields;
    fields.type = text_member(body, "error_type");
    fields.message = error->get<std::string>();
    return fields;
  }
  if (text_member(body, "object") == "error") {
    return fields_of_error(body);
  }
  return std::nullopt;
}

Outcome classify(const ErrorFields& fields) {
  const std::string names = base::to_lower(fields.type) + ' ' + base::to_lower(fields.code);
  const std::string message = base::to_lower(fields.message);
  if (is_context_overflow(fields.status, names, message)) {
    return Outcome::context_length;
  }
  if (contains_any(names, k_quota_texts)) {
    return Outcome::quota_exhausted;
  }
  if (contains_any(names, k_rate_texts) || contains_any(message, k_rate_texts)) {
    return Outcome::rate_limited;
  }
  if (contains_any(names, k_filter_texts)) {
    return Outcome::content_filtered;
  }
  if (contains_any(names, k_overload_texts)) {
    return Outcome::overloaded;
  }
  if (contains_any(names, k_auth_texts)) {
    return Outcome::auth_error;
  }
  return by_status(fields.status);
}

ApiError classify_response(const ErrorResponse& response) {
  const json parsed = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  std::optional<ErrorFields> fields = parsed.is_discarded() ? std::nullopt : error_fields(parsed);
  if (!fields) {
    fields.emplace();
    constexpr std::size_t k_excerpt = 200;
    fields->message = response.body.substr(0, k_excerpt);
  }
  fields->status = response.status;
  return {classify(*fields), fmt::format("HTTP {}: {}", response.status, description(*fields)), {}};
}

std::optional<ApiError> classify_body_error(std::string_view body) {
  const json parsed = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const std::optional<ErrorFields> fields =
      parsed.is_discarded() ? std::nullopt : error_fields(parsed);
  return fields ? std::optional(classify_stream_error(*fields)) : std::nullopt;
}

ApiError classify_stream_error(const ErrorFields& fields) {
  Outcome outcome = classify(fields);
  if (outcome == Outcome::server_error || outcome == Outcome::client_error) {
    outcome = Outcome::stream_error;
  }
  return {outcome, "error in the stream: " + description(fields), {}};
}

}  // namespace inferometer::probe::protocol
