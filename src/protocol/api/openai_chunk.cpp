#include "protocol/api/openai_chunk.hpp"

#include "protocol/answer/finish_reasons.hpp"

#include <algorithm>
#include <array>

namespace inferometer::protocol::openai {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;
using wire::Json;

json request_members(const Generation& generation, const std::string& max_tokens_parameter) {
  json body{
      {"model", generation.model},
      {"stream", generation.stream},
      {max_tokens_parameter, generation.max_output_tokens},
  };
  if (generation.stream) {
    body["stream_options"] = {{"include_usage", true}};
  }
  if (generation.ignore_eos) {  // vLLM takes both; servers that know only one ignore the other
    body["ignore_eos"] = true;
    body["min_tokens"] = generation.max_output_tokens;
  }
  if (generation.temperature) {
    body["temperature"] = *generation.temperature;
  }
  return body;
}

json chat_messages(const Generation& generation) {
  json messages = json::array();
  if (!generation.system_prompt.empty()) {
    messages.push_back({{"role", "system"}, {"content", generation.system_prompt}});
  }
  messages.push_back({{"role", "user"}, {"content", generation.prompt}});
  return messages;
}

namespace {

/// xAI counts reasoning beside the completion, everyone else within it; the total tells which.
void add_reasoning_beside(std::optional<std::uint64_t> total, TokenUsage& tokens) {
  if (total && tokens.input && tokens.output && tokens.reasoning &&
      *total == *tokens.input + *tokens.output + *tokens.reasoning) {
    *tokens.output += *tokens.reasoning;
  }
}

}  // namespace

std::optional<TokenUsage> read_usage(const Json& chunk) {
  auto usage = wire::member(chunk, "usage");
  if (!usage) {
    usage = wire::member(wire::member(chunk, "x_groq"), "usage");
  }
  TokenUsage tokens;
  tokens.input = wire::count(usage, "prompt_tokens");
  tokens.output = wire::count(usage, "completion_tokens");
  // The greater of two that say the same; what has no value is less than any count.
  tokens.cached_input = wire::count(usage, "prompt_cache_hit_tokens");
  tokens.cached_input =
      std::max(tokens.cached_input,
               wire::count(wire::member(usage, "prompt_tokens_details"), "cached_tokens"));
  tokens.reasoning = wire::count(usage, "reasoning_tokens");
  tokens.reasoning =
      std::max(tokens.reasoning,
               wire::count(wire::member(usage, "completion_tokens_details"), "reasoning_tokens"));
  add_reasoning_beside(wire::count(usage, "total_tokens"), tokens);
  return measure::as_report(tokens);
}

std::optional<FinishReason> read_finish_reason(const Json& choice) {
  static constexpr std::array k_reasons{
      NamedReason{"length", FinishReason::length},
      NamedReason{"tool_calls", FinishReason::tool_calls},
      NamedReason{"function_call", FinishReason::tool_calls},
      NamedReason{"content_filter", FinishReason::content_filter},
      NamedReason{"error", FinishReason::error},
      NamedReason{"abort", FinishReason::error},
      NamedReason{"aborted", FinishReason::error},
      NamedReason{"insufficient_system_resource", FinishReason::error},
  };
  const std::string_view reason = wire::text(choice, "finish_reason");
  if (reason.empty()) {  // TGI sends "" where others send null
    return std::nullopt;
  }
  // "stop" has many names: eos, eos_token, stop_sequence, repetition, …
  return find_reason(k_reasons, reason).value_or(FinishReason::stop);
}

std::optional<ErrorFields> read_error(const Json& chunk) {
  std::optional<ErrorFields> error = error_fields(chunk);
  return error ? error : error_fields(wire::member(chunk, "x_groq"));
}

}  // namespace inferometer::protocol::openai
