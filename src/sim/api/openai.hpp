#pragma once

#include "base/error.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/model/behaviour.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What OpenAI's APIs share, in each dialect: options of requests, usage, errors and limits.
namespace inferometer::sim::openai {

/// The members that chat completions and completions share: model, stream and its options, the
/// bounds of the output, and vLLM's `ignore_eos` and `min_tokens`. The newer name of the bound wins
/// where both are given, as with vLLM. A path that names the model (Azure's) overrules the body.
[[nodiscard]] base::Result<Ask> read_options(const nlohmann::json& body, const Call& call);

/// Appends the member `usage` of chat completions and completions, with the parts of its counts
/// that are to be named.
void append_usage(std::string& out, const Usage& usage, Dialect dialect, UsageParts parts);

/// The finish reason of chat completions and completions.
[[nodiscard]] std::string_view finish_reason(FinishReason reason);

/// An error before the answer; WireFormat::render_error.
[[nodiscard]] http::Response render_error(const ApiError& error);

/// The payload of the event that reports an error within a stream, of the dialects that report it
/// in an event of its own.
[[nodiscard]] std::string error_event(const ApiError& error);

/// WireFormat::rate_limit_headers: resets are durations as Go writes them, of Azure whole seconds.
[[nodiscard]] std::vector<http::Header> rate_limit_headers(const Limits& limits, Dialect dialect,
                                                           base::WallTime now);

/// What OpenAI calls the error, which its Responses API uses alone.
[[nodiscard]] std::string_view error_code(ErrorKind kind);

/// The message of the error, or the words of the API itself.
[[nodiscard]] std::string error_message(const ApiError& error);

}  // namespace inferometer::sim::openai
