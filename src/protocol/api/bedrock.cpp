#include "protocol/answer/finish_reasons.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/aws_event_stream_framing.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "wire/json.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace inferometer::protocol::bedrock {
namespace {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;
using wire::Json;

std::optional<TokenUsage> read_usage(const Json& object) {
  const auto usage = wire::member(object, "usage");
  TokenUsage tokens;
  tokens.cached_input = wire::count(usage, "cacheReadInputTokens");
  // The API's own count leaves out what was read from the cache or written to it.
  tokens.input = wire::count(usage, "inputTokens");
  if (tokens.input) {
    *tokens.input +=
        tokens.cached_input.value_or(0) + wire::count(usage, "cacheWriteInputTokens").value_or(0);
  }
  tokens.output = wire::count(usage, "outputTokens");
  return measure::as_report(tokens);
}

std::optional<FinishReason> read_stop_reason(std::string_view reason) {
  static constexpr std::array k_reasons{
      NamedReason{"max_tokens", FinishReason::length},
      NamedReason{"model_context_window_exceeded", FinishReason::length},
      NamedReason{"tool_use", FinishReason::tool_calls},
      NamedReason{"guardrail_intervened", FinishReason::content_filter},
      NamedReason{"content_filtered", FinishReason::content_filter},
      NamedReason{"malformed_model_output", FinishReason::error},
      NamedReason{"malformed_tool_use", FinishReason::error},
  };
  if (reason.empty()) {
    return std::nullopt;
  }
  return find_reason(k_reasons, reason).value_or(FinishReason::stop);  // end_turn, stop_sequence
}

class ConverseInterpreter {
 public:
  static bool knows(std::string_view type) {
    return type == "contentBlockDelta" || type == "messageStop" || type == "metadata";
  }

  std::optional<ErrorFields> take(std::string_view type, const Json& payload, Event& event) {
    m_content.clear();
    m_reasoning.clear();
    if (type == "contentBlockDelta") {
      take_delta(payload, event);
    } else if (type == "messageStop") {
      event.finish_reason = read_stop_reason(wire::text(payload, "stopReason"));
    } else {
      event.usage = read_usage(payload);
    }
    event.content = m_content;
    event.reasoning = m_reasoning;
    return std::nullopt;
  }

  std::optional<ErrorFields> take_body(const Json& answer, Event& event) {
    m_content.clear();
    m_reasoning.clear();
    const auto message = wire::member(wire::member(answer, "output"), "message");
    for (const Json block : wire::elements(message, "content")) {
      take_block(block, event);
    }
    event.content = m_content;
    event.reasoning = m_reasoning;
    event.finish_reason = read_stop_reason(wire::text(answer, "stopReason"));
    event.usage = read_usage(answer);
    return std::nullopt;
  }

 private:
  void take_delta(const Json& payload, Event& event) {
    const auto delta = wire::member(payload, "delta");
    m_content.append(wire::text(delta, "text"));
    if (const auto reasoning = wire::member(delta, "reasoningContent")) {
      event.reasoned = reasoning->is_object();  // also where it is redacted
      m_reasoning.append(wire::text(reasoning, "text"));
    }
    m_content.append(wire::text(wire::member(delta, "toolUse"), "input"));
  }

  /// A whole block, where reasoning lies one level deeper and arguments are an object.
  void take_block(const Json& block, Event& event) {
    m_content.append(wire::text(block, "text"));
    if (const auto reasoning = wire::member(block, "reasoningContent")) {
      event.reasoned = event.reasoned || reasoning->is_object();
      m_reasoning.append(wire::text(wire::member(reasoning, "reasoningText"), "text"));
    }
    if (const auto input = wire::member(wire::member(block, "toolUse"), "input")) {
      m_content.append(wire::json_text(*input));
    }
  }

  std::string m_content;
  std::string m_reasoning;
};

}  // namespace

std::string operation_path(std::string_view model, std::string_view operation) {
  return fmt::format("/model/{}/{}", wire::percent_encode(model), operation);
}

std::vector<Header> request_headers(bool stream) {
  return {{"Content-Type", "application/json"},
          {"Accept", stream ? "application/vnd.amazon.eventstream" : "application/json"}};
}

HttpRequest make_request(const Generation& generation) {
  json configuration{{"maxTokens", generation.max_output_tokens}};
  if (generation.temperature) {
    configuration["temperature"] = *generation.temperature;
  }
  json content = json::array({{{"text", generation.prompt}}});
  json body{
      {"messages", json::array({{{"role", "user"}, {"content", std::move(content)}}})},
      {"inferenceConfig", std::move(configuration)},
  };
  if (!generation.system_prompt.empty()) {
    body["system"] = json::array({{{"text", generation.system_prompt}}});
  }
  return {
      .path = operation_path(generation.model, generation.stream ? "converse-stream" : "converse"),
      .headers = request_headers(generation.stream),
      .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<AwsEventStreamFraming, ConverseInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<ConverseInterpreter>();
}

}  // namespace inferometer::protocol::bedrock
