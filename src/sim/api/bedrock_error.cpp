#include "sim/api/bedrock_error.hpp"

#include "base/ascii.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

namespace inferometer::sim {
namespace {

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

}  // namespace

http::Response bedrock_refusal(int status, std::string_view type, std::string_view message) {
  // The real header says where the type comes from, after a colon.
  return {
      .status = status,
      .content_type = "application/json",
      .headers = {{"x-amzn-ErrorType",
                   fmt::format("{}:http://internal.amazon.com/coral/com.amazon.bedrock/", type)}},
      .body = body(message)};
}

http::Response render_bedrock_error(const ApiError& error) {
  const Row row = describe(error.kind);
  return bedrock_refusal(error.status > 0 ? error.status : row.status,
                         type_of(error.status, row.type),
                         error.message.empty() ? row.message : error.message);
}

BedrockException bedrock_exception(ErrorKind kind) {
  const Row row = describe(kind);
  std::string type(row.type);
  type.front() = base::to_lower(type.substr(0, 1)).front();
  return {.type = std::move(type), .payload = body(row.message)};
}

}  // namespace inferometer::sim
