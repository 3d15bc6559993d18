#include "protocol/answer/finish_reasons.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace inferometer::protocol::openai_responses {
namespace {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;
using wire::Json;
using wire::MaybeJson;

/// The API refuses a lower bound.
constexpr std::uint32_t k_min_output_tokens = 16;

enum class Meaning { content, reasoning, refusal, ending };

struct EventType {
  std::string_view name;
  Meaning meaning;
};

constexpr std::array k_event_types{
    EventType{"response.output_text.delta", Meaning::content},
    EventType{"response.function_call_arguments.delta", Meaning::content},
    EventType{"response.custom_tool_call_input.delta", Meaning::content},
    EventType{"response.refusal.delta", Meaning::refusal},
    EventType{"response.reasoning_summary_text.delta", Meaning::reasoning},
    EventType{"response.reasoning_text.delta", Meaning::reasoning},
    EventType{"response.completed", Meaning::ending},
    EventType{"response.incomplete", Meaning::ending},
    EventType{"response.failed", Meaning::ending},
    EventType{"response.cancelled", Meaning::ending},
};

const EventType* find_event_type(std::string_view name) {
  const auto* const found =
      std::find_if(k_event_types.begin(), k_event_types.end(),
                   [name](const EventType& type) { return type.name == name; });
  return found == k_event_types.end() ? nullptr : found;
}

std::optional<TokenUsage> read_usage(const MaybeJson& response) {
  const auto usage = wire::member(response, "usage");
  TokenUsage tokens;
  tokens.input = wire::count(usage, "input_tokens");
  tokens.output = wire::count(usage, "output_tokens");
  tokens.cached_input = wire::count(wire::member(usage, "input_tokens_details"), "cached_tokens");
  tokens.reasoning = wire::count(wire::member(usage, "output_tokens_details"), "reasoning_tokens");
  return measure::as_report(tokens);
}

bool is_tool_call(const Json& item) {
  const std::string_view type = wire::text(item, "type");
  return type == "function_call" || type == "custom_tool_call";
}

bool calls_tools(const MaybeJson& response) {
  for (const Json item : wire::elements(response, "output")) {
    if (is_tool_call(item)) {
      return true;
    }
  }
  return false;
}

FinishReason read_incomplete_reason(const MaybeJson& response) {
  static constexpr std::array k_reasons{
      NamedReason{"max_output_tokens", FinishReason::length},
      NamedReason{"content_filter", FinishReason::content_filter},
  };
  const std::string_view reason =
      wire::text(wire::member(response, "incomplete_details"), "reason");
  return find_reason(k_reasons, reason).value_or(FinishReason::error);
}

/// The API has a status in the place of a finish reason; no value while it is not final.
std::optional<FinishReason> read_finish_reason(std::string_view status, const MaybeJson& response) {
  if (status == "completed") {
    return calls_tools(response) ? FinishReason::tool_calls : FinishReason::stop;
  }
  if (status == "incomplete") {
    return read_incomplete_reason(response);
  }
  return status == "cancelled" ? std::optional(FinishReason::error) : std::nullopt;
}

class ResponseInterpreter {
 public:
  static bool knows(std::string_view type) {
    return type.empty() || type == "message" || find_event_type(type) != nullptr;
  }

  std::optional<ErrorFields> take(std::string_view /*type*/, const Json& object, Event& event) {
    const std::string_view name = wire::text(object, "type");
    if (auto error = error_fields(object)) {
      return error;
    }
    if (name == "error") {  // flat: the fields stand beside the type
      return fields_of_error(object);
    }
    const EventType* type = find_event_type(name);
    if (type == nullptr) {
      return std::nullopt;
    }
    switch (type->meaning) {
      case Meaning::content:
        event.content = wire::text(object, "delta");
        break;
      case Meaning::reasoning:
        event.reasoning = wire::text(object, "delta");
        break;
      case Meaning::refusal:
        event.content = wire::text(object, "delta");
        event.refusal = !event.content.empty();
        break;
      case Meaning::ending:
        event.terminator = true;
        return take_ending(name.substr(name.find('.') + 1), object, event);
    }
    return std::nullopt;
  }

  std::optional<ErrorFields> take_body(const Json& response, Event& event) {
    if (auto error = error_fields(response)) {
      return error;
    }
    m_content.clear();
    m_reasoning.clear();
    for (const Json item : wire::elements(response, "output")) {
      take_item(item, event);
    }
    event.content = m_content;
    event.reasoning = m_reasoning;
    return take_response(wire::text(response, "status"), response, event);
  }

 private:
  static std::optional<ErrorFields> take_ending(std::string_view status, const Json& object,
                                                Event& event) {
    return take_response(status, wire::member(object, "response"), event);
  }

  static std::optional<ErrorFields> take_response(std::string_view status,
                                                  const MaybeJson& response, Event& event) {
    if (auto error = error_fields(response)) {
      return error;
    }
    if (status == "failed") {
      ErrorFields fields;
      fields.message = "the response failed";
      return fields;
    }
    event.finish_reason = read_finish_reason(status, response);
    event.usage = read_usage(response);
    return std::nullopt;
  }

  void take_item(const Json& item, Event& event) {
    for (const Json part : wire::elements(item, "content")) {
      const bool reasoning = wire::text(part, "type") == "reasoning_text";
      (reasoning ? m_reasoning : m_content).append(wire::text(part, "text"));
      if (const std::string_view refusal = wire::text(part, "refusal"); !refusal.empty()) {
        m_content.append(refusal);
        event.refusal = true;
      }
    }
    for (const Json part : wire::elements(item, "summary")) {
      m_reasoning.append(wire::text(part, "text"));
    }
    if (is_tool_call(item)) {
      m_content.append(wire::text(item, "arguments")).append(wire::text(item, "input"));
    }
  }

  std::string m_content;
  std::string m_reasoning;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json body{
      {"model", generation.model},
      {"input", generation.prompt},
      {"stream", generation.stream},
      {"store", false},
      {"max_output_tokens", std::max(generation.max_output_tokens, k_min_output_tokens)},
  };
  if (!generation.system_prompt.empty()) {
    body["instructions"] = generation.system_prompt;
  }
  if (generation.temperature) {
    body["temperature"] = *generation.temperature;
  }
  return {
      .path = "/responses", .headers = json_headers(generation), .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, ResponseInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<ResponseInterpreter>();
}

}  // namespace inferometer::protocol::openai_responses
