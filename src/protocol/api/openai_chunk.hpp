#pragma once

#include "protocol/answer/api_error.hpp"
#include "protocol/protocol.hpp"
#include "wire/json.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

/// What Chat Completions and the older Completions have in common, in requests and in the objects
/// of their answers. Source: OpenAI's API reference; the tolerance is for the servers that
/// apis.hpp names for Chat Completions.
namespace inferometer::protocol::openai {

/// The members of a request's body other than the prompt.
[[nodiscard]] nlohmann::json request_members(const Generation& generation,
                                             const std::string& max_tokens_parameter);

/// The system prompt, if there is one, and the prompt, as the list of messages that chat APIs take.
[[nodiscard]] nlohmann::json chat_messages(const Generation& generation);

/// Usage wherever servers put it; no value where there is none.
[[nodiscard]] std::optional<measure::TokenUsage> read_usage(const wire::Json& chunk);

/// A choice's `finish_reason`; no value while there is none.
[[nodiscard]] std::optional<measure::FinishReason> read_finish_reason(const wire::Json& choice);

/// The error if the object is one.
[[nodiscard]] std::optional<ErrorFields> read_error(const wire::Json& chunk);

}  // namespace inferometer::protocol::openai
