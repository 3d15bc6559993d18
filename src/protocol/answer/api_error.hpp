#pragma once

#include "protocol/protocol.hpp"
#include "wire/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What an API says went wrong, sorted into outcomes by codes and texts, then by the status. Source
/// of the rules: the vendors' error tables; docs/methodology.md has the statuses.
namespace inferometer::protocol {

/// The parts of an error object that the vendors agree on, each empty where absent.
struct ErrorFields {
  int status = 0;  ///< the HTTP status, or a code inside a stream that is one; 0 if neither
  std::string type;
  std::string code;
  std::string message;
  std::string details;  ///< further names: a status by name, reasons, quotas
  std::optional<base::Duration> retry_after;
  std::optional<std::uint64_t> input_tokens;  ///< llama.cpp's n_prompt_tokens
};

/// The parts of an error object itself; all are empty if `error` is none.
[[nodiscard]] ErrorFields fields_of_error(const wire::MaybeJson& error);

/// Reads `{"error": {...}}`, `{"error": "text"}`, `{"object":"error", ...}` and
/// `{"type":"error","error":{...}}`, also as the one element of an array; no value if `body` is
/// none of them.
[[nodiscard]] std::optional<ErrorFields> error_fields(const wire::MaybeJson& body);

/// The outcome that the fields name.
[[nodiscard]] measure::Outcome classify(const ErrorFields& fields);

/// A response with a status that is an error.
struct ErrorResponse {
  int status = 0;
  std::string_view error_type;  ///< of the header x-amzn-ErrorType; empty elsewhere
  std::string_view body;        ///< may be anything
};

/// The body's message, or its beginning where it holds none, becomes the error's.
[[nodiscard]] ApiError classify_response(const ErrorResponse& response);

/// The error in a whole body that came under status 200, sorted like one inside the stream; no
/// value if the body holds none.
[[nodiscard]] std::optional<ApiError> classify_body_error(std::string_view body);

/// An error object that came under status 200: a class of its own if it names one, otherwise
/// `stream_error`, since server and client faults look alike from there.
[[nodiscard]] ApiError classify_stream_error(const ErrorFields& fields);

}  // namespace inferometer::protocol
