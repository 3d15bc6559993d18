#include "sim/api/gemini_error.hpp"

#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <utility>

namespace inferometer::sim {
namespace {

using nlohmann::json;

struct ErrorRow {
  int status;
  std::string_view name;
  std::string_view message;
};

ErrorRow describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "INVALID_ARGUMENT", "Request contains an invalid argument."};
    case ErrorKind::authentication:
      return {400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."};
    case ErrorKind::permission:
      return {403, "PERMISSION_DENIED", "The caller does not have permission"};
    case ErrorKind::not_found:
      return {404, "NOT_FOUND", "the model is not found for API version v1beta"};
    case ErrorKind::rate_limit:
      return {429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."};
    case ErrorKind::quota:
      return {429, "RESOURCE_EXHAUSTED",
              "You exceeded your current quota, please check your plan and billing details."};
    case ErrorKind::context_length:
      return {400, "INVALID_ARGUMENT", ""};
    case ErrorKind::server_error:
      return {500, "INTERNAL", "An internal error has occurred."};
    case ErrorKind::overloaded:
      return {503, "UNAVAILABLE", "The model is overloaded. Please try again later."};
  }
  return {};
}

/// The name that goes with a status which is not the error's own.
std::string_view name_of(int status, std::string_view otherwise) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 500:
      return "INTERNAL";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return otherwise;
  }
}

std::string message_of(const ApiError& error) {
  if (!error.message.empty()) {
    return std::string(error.message);
  }
  return error.kind == ErrorKind::context_length
             ? fmt::format(
                   "The input token count ({}) exceeds the maximum number of tokens "
                   "allowed ({}).",
                   error.prompt_tokens, error.context_window)
             : std::string(describe(error.kind).message);
}

/// The one detail of the errors that have such.
json detail_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::authentication:
      return {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
              {"reason", "API_KEY_INVALID"},
              {"domain", "googleapis.com"}};
    case ErrorKind::rate_limit:
      return {{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "1.5s"}};
    case ErrorKind::quota:
      return {{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
              {"violations",
               {{{"quotaMetric",
                  "generativelanguage.googleapis.com/generate_content_free_tier_requests"},
                 {"quotaId", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}}}}};
    case ErrorKind::invalid_request:
    case ErrorKind::permission:
    case ErrorKind::not_found:
    case ErrorKind::context_length:
    case ErrorKind::server_error:
    case ErrorKind::overloaded:
      break;
  }
  return {};
}

}  // namespace

nlohmann::json gemini_error_object(const ApiError& error) {
  const ErrorRow row = describe(error.kind);
  const int status = error.status > 0 ? error.status : row.status;
  json object{{"code", status},
              {"message", message_of(error)},
              {"status", status == row.status ? row.name : name_of(status, row.name)}};
  if (json detail = detail_of(error.kind); !detail.is_null()) {
    object["details"] = json::array({std::move(detail)});
  }
  return {{"error", std::move(object)}};
}

http::Response render_gemini_error(const ApiError& error) {
  return {.status = error.status > 0 ? error.status : describe(error.kind).status,
          .content_type = "application/json; charset=UTF-8",
          .headers = {},
          .body = to_line(gemini_error_object(error))};
}

}  // namespace inferometer::sim
