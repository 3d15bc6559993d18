#pragma once

#include "sim/api/wire_format.hpp"

#include <string>
#include <vector>

/// The errors and limits that all of OpenAI's APIs share, in each dialect: wire-protocols §1 and
/// §3.
namespace inferometer::sim {

/// An error before the answer; WireFormat::render_error.
[[nodiscard]] http::Response render_openai_error(const ApiError& error);

/// The payload of the event that reports an error within a stream, of the dialects that report it
/// in an event of its own.
[[nodiscard]] std::string openai_error_event(const ApiError& error);

/// WireFormat::rate_limit_headers: resets are durations as Go writes them, of Azure whole seconds.
[[nodiscard]] std::vector<http::Header> openai_rate_limit_headers(const Limits& limits,
                                                                  Dialect dialect,
                                                                  base::WallTime now);

/// What OpenAI calls the error, which its Responses API uses alone.
[[nodiscard]] std::string_view openai_error_code(ErrorKind kind);

/// The message of the error, or the words of the API itself.
[[nodiscard]] std::string openai_error_message(const ApiError& error);

}  // namespace inferometer::sim
