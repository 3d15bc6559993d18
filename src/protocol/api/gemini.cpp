#include "protocol/answer/finish_reasons.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"
#include "wire/percent_encoding.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace inferometer::protocol::gemini {
namespace {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;
using wire::Json;

std::optional<FinishReason> read_finish_reason(std::string_view reason) {
  static constexpr std::array k_reasons{
      NamedReason{"STOP", FinishReason::stop},
      NamedReason{"MAX_TOKENS", FinishReason::length},
      NamedReason{"SAFETY", FinishReason::content_filter},
      NamedReason{"RECITATION", FinishReason::content_filter},
      NamedReason{"BLOCKLIST", FinishReason::content_filter},
      NamedReason{"PROHIBITED_CONTENT", FinishReason::content_filter},
      NamedReason{"SPII", FinishReason::content_filter},
  };
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") {
    return std::nullopt;
  }
  if (reason.starts_with("IMAGE_")) {  // IMAGE_SAFETY and its like
    return FinishReason::content_filter;
  }
  // OTHER, LANGUAGE, MALFORMED_FUNCTION_CALL, …: no normal end has another name.
  return find_reason(k_reasons, reason).value_or(FinishReason::error);
}

/// The sum of two counts that stand side by side, where one that is zero is left out.
std::optional<std::uint64_t> sum(std::optional<std::uint64_t> one,
                                 std::optional<std::uint64_t> other) {
  return one || other ? std::optional(one.value_or(0) + other.value_or(0)) : std::nullopt;
}

/// Vertex sends objects without any count before the last.
std::optional<TokenUsage> read_usage(const Json& response) {
  const auto usage = wire::member(response, "usageMetadata");
  TokenUsage tokens;
  tokens.input =
      sum(wire::count(usage, "promptTokenCount"), wire::count(usage, "toolUsePromptTokenCount"));
  tokens.cached_input = wire::count(usage, "cachedContentTokenCount");
  tokens.reasoning = wire::count(usage, "thoughtsTokenCount");
  tokens.output = sum(wire::count(usage, "candidatesTokenCount"), tokens.reasoning);
  return measure::as_report(tokens);
}

class GeminiInterpreter {
 public:
  static bool knows(std::string_view type) { return type.empty() || type == "message"; }

  std::optional<ErrorFields> take(std::string_view /*type*/, const Json& response, Event& event) {
    return take_body(response, event);
  }

  std::optional<ErrorFields> take_body(const Json& response, Event& event) {
    if (auto error = error_fields(response)) {
      return error;
    }
    m_content.clear();
    m_reasoning.clear();
    for (const Json candidate : wire::elements(response, "candidates")) {
      take_candidate(candidate, event);
    }
    if (!wire::text(wire::member(response, "promptFeedback"), "blockReason").empty()) {
      event.finish_reason = FinishReason::content_filter;
    }
    event.usage = read_usage(response);
    event.content = m_content;
    event.reasoning = m_reasoning;
    return std::nullopt;
  }

 private:
  void take_candidate(const Json& candidate, Event& event) {
    for (const Json part : wire::elements(wire::member(candidate, "content"), "parts")) {
      take_part(part);
    }
    if (const auto reason = read_finish_reason(wire::text(candidate, "finishReason"))) {
      // A call of a tool ends as any other answer does.
      const bool by_call = m_called && reason == FinishReason::stop;
      event.finish_reason = by_call ? FinishReason::tool_calls : reason;
    }
  }

  void take_part(const Json& part) {
    (wire::flag(part, "thought") ? m_reasoning : m_content).append(wire::text(part, "text"));
    if (const auto call = wire::member(part, "functionCall")) {
      m_called = true;
      const auto arguments = wire::member(call, "args");
      m_content.append(arguments ? wire::json_text(*arguments) : "{}");
    }
  }

  std::string m_content;
  std::string m_reasoning;
  bool m_called = false;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  const auto content = [](const std::string& text) {
    return json{{"parts", json::array({{{"text", text}}})}};
  };
  json prompt = content(generation.prompt);
  prompt["role"] = "user";
  json body{
      {"contents", json::array({std::move(prompt)})},
      {"generationConfig", {{"maxOutputTokens", generation.max_output_tokens}}},
  };
  if (!generation.system_prompt.empty()) {
    body["systemInstruction"] = content(generation.system_prompt);
  }
  if (generation.temperature) {
    body["generationConfig"]["temperature"] = *generation.temperature;
  }
  return {.path = "/models/" + wire::percent_encode(generation.model) +
                  (generation.stream ? ":streamGenerateContent?alt=sse" : ":generateContent"),
          .headers = json_headers(generation),
          .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, GeminiInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<GeminiInterpreter>();
}

}  // namespace inferometer::protocol::gemini
