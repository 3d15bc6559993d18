#pragma once

#include "sim/api/wire_format.hpp"
#include "sim/http/message.hpp"

#include <string>
#include <string_view>

/// The errors of AWS Bedrock: wire-protocols §8.4.
namespace inferometer::sim {

/// An error response of that type, as AWS writes them.
[[nodiscard]] http::Response bedrock_refusal(int status, std::string_view type,
                                             std::string_view message);

/// The response that reports `error` before any answer.
[[nodiscard]] http::Response render_bedrock_error(const ApiError& error);

/// An exception in the middle of a stream.
struct BedrockException {
  std::string type;     ///< of the header `:exception-type`
  std::string payload;  ///< JSON
};

[[nodiscard]] BedrockException bedrock_exception(ErrorKind kind);

}  // namespace inferometer::sim
