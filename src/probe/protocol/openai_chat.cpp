#include "probe/protocol/openai_chat.hpp"

#include "probe/protocol/json_decoder.hpp"
#include "probe/protocol/sse.hpp"

#include <algorithm>
#include <array>

namespace inferometer::probe::protocol::openai_chat {
namespace {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;

std::optional<TokenUsage> read_usage(const json& chunk) {
  const json* usage = member(chunk, "usage");
  if (usage == nullptr) {
    const json* groq = member(chunk, "x_groq");
    usage = groq != nullptr ? member(*groq, "usage") : nullptr;
  }
  if (usage == nullptr || !usage->is_object()) {
    return std::nullopt;
  }
  TokenUsage tokens;
  tokens.input = count(*usage, "prompt_tokens");
  tokens.output = count(*usage, "completion_tokens");
  tokens.cached_input = count(*usage, "prompt_cache_hit_tokens");
  if (const json* details = member(*usage, "prompt_tokens_details")) {
    tokens.cached_input = std::max(tokens.cached_input, count(*details, "cached_tokens"));
  }
  tokens.reasoning = count(*usage, "reasoning_tokens");
  if (const json* details = member(*usage, "completion_tokens_details")) {
    tokens.reasoning = std::max(tokens.reasoning, count(*details, "reasoning_tokens"));
  }
  // xAI counts reasoning beside the completion, everyone else within it; the total tells which.
  if (tokens.reasoning > 0 &&
      count(*usage, "total_tokens") == tokens.input + tokens.output + tokens.reasoning) {
    tokens.output += tokens.reasoning;
  }
  return tokens;
}

std::optional<FinishReason> read_finish_reason(std::string_view reason) {
  struct Entry {
    std::string_view text;
    FinishReason reason;
  };
  static constexpr std::array k_reasons{
      Entry{"length", FinishReason::length},
      Entry{"tool_calls", FinishReason::tool_calls},
      Entry{"function_call", FinishReason::tool_calls},
      Entry{"content_filter", FinishReason::content_filter},
      Entry{"error", FinishReason::error},
      Entry{"abort", FinishReason::error},
      Entry{"aborted", FinishReason::error},
      Entry{"insufficient_system_resource", FinishReason::error},
  };
  if (reason.empty()) {  // TGI sends "" where others send null
    return std::nullopt;
  }
  for (const Entry& entry : k_reasons) {
    if (entry.text == reason) {
      return entry.reason;
    }
  }
  // "stop" and its many names (eos, eos_token, stop_sequence, repetition, …).
  return FinishReason::stop;
}

std::optional<ErrorFields> read_error(const json& chunk) {
  std::optional<ErrorFields> error = error_fields(chunk);
  if (!error) {
    const json* groq = member(chunk, "x_groq");
    error = groq != nullptr ? error_fields(*groq) : std::nullopt;
  }
  return error;
}

class ChatInterpreter {
 public:
  // A server's own events (SGLang's sglext_ids) are no content.
  static bool knows(std::string_view type) { return type.empty() || type == "message"; }

  std::optional<ErrorFields> take(std::string_view /*type*/, const json& chunk, Event& event) {
    return take_choices(chunk, "delta", event);
  }

  std::optional<ErrorFields> take_body(const json& completion, Event& event) {
    return take_choices(completion, "message", event);
  }

 private:
  std::optional<ErrorFields> take_choices(const json& object, const char* message, Event& event) {
    if (auto error = read_error(object)) {
      return error;
    }
    m_content.clear();
    m_reasoning.clear();
    if (const json* choices = member(object, "choices");
        choices != nullptr && choices->is_array()) {
      for (const json& choice : *choices) {
        if (const json* part = member(choice, message)) {
          take_message(*part, event);
        }
        if (const auto reason = read_finish_reason(text(choice, "finish_reason"))) {
          event.finish_reason = reason;
        }
      }
    }
    event.usage = read_usage(object);
    event.content = m_content;
    event.reasoning = m_reasoning;
    return std::nullopt;
  }

  void take_message(const json& message, Event& event) {
    m_content.append(text(message, "content"));
    const std::string_view reasoning = text(message, "reasoning_content");
    m_reasoning.append(reasoning.empty() ? text(message, "reasoning") : reasoning);
    if (const std::string_view refusal = text(message, "refusal"); !refusal.empty()) {
      m_content.append(refusal);
      event.refusal = true;
    }
    if (const json* function = member(message, "function_call")) {
      m_content.append(text(*function, "arguments"));
    }
    if (const json* calls = member(message, "tool_calls"); calls != nullptr && calls->is_array()) {
      for (const json& call : *calls) {
        if (const json* function = member(call, "function")) {
          m_content.append(text(*function, "arguments"));
        }
      }
    }
  }

  std::string m_content;
  std::string m_reasoning;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json messages = json::array();
  if (!generation.system_prompt.empty()) {
    messages.push_back({{"role", "system"}, {"content", generation.system_prompt}});
  }
  messages.push_back({{"role", "user"}, {"content", generation.prompt}});
  json body{
      {"model", generation.model},
      {"messages", std::move(messages)},
      {"stream", generation.stream},
      {generation.max_tokens_parameter, generation.max_output_tokens},
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
  return {.path = "/chat/completions",
          .headers = json_headers(generation),
          .body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, ChatInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<ChatInterpreter>();
}

}  // namespace inferometer::probe::protocol::openai_chat
