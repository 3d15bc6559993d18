#include "protocol/api/anthropic.hpp"

#include "protocol/answer/finish_reasons.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace inferometer::protocol {
namespace {

using measure::FinishReason;
using wire::Json;

enum class EventType { message_start, block_start, block_delta, message_delta, message_stop };

std::optional<EventType> find_event_type(std::string_view name) {
  struct Entry {
    std::string_view name;
    EventType type;
  };
  static constexpr std::array k_types{
      Entry{"message_start", EventType::message_start},
      Entry{"content_block_start", EventType::block_start},
      Entry{"content_block_delta", EventType::block_delta},
      Entry{"message_delta", EventType::message_delta},
      Entry{"message_stop", EventType::message_stop},
  };
  for (const Entry& entry : k_types) {
    if (entry.name == name) {
      return entry.type;
    }
  }
  return std::nullopt;
}

/// Of a block or a delta. Where the text is omitted or redacted, what stands for it still comes.
bool is_reasoning(std::string_view type) {
  return type == "thinking" || type == "thinking_delta" || type == "signature_delta" ||
         type == "redacted_thinking";
}

std::optional<FinishReason> read_stop_reason(const Json& object) {
  static constexpr std::array k_reasons{
      NamedReason{"max_tokens", FinishReason::length},
      NamedReason{"model_context_window_exceeded", FinishReason::length},
      NamedReason{"tool_use", FinishReason::tool_calls},
      NamedReason{"pause_turn", FinishReason::tool_calls},
      NamedReason{"refusal", FinishReason::content_filter},
  };
  const std::string_view reason = wire::text(object, "stop_reason");
  if (reason.empty()) {
    return std::nullopt;
  }
  return find_reason(k_reasons, reason).value_or(FinishReason::stop);  // end_turn, stop_sequence
}

}  // namespace

bool AnthropicInterpreter::knows(std::string_view type) {
  return type.empty() || type == "message" || find_event_type(type);
}

std::optional<ErrorFields> AnthropicInterpreter::take(std::string_view /*type*/, const Json& object,
                                                      Event& event) {
  if (auto error = error_fields(object)) {
    return error;
  }
  const std::optional<EventType> type = find_event_type(wire::text(object, "type"));
  if (!type) {
    return std::nullopt;
  }
  m_content.clear();
  m_reasoning.clear();
  switch (*type) {
    case EventType::message_start:
      if (const auto message = wire::member(object, "message")) {
        take_usage(*message, event);
        m_usage.output.reset();  // was a placeholder: message_delta brings the count
        event.usage = measure::as_report(m_usage);
      }
      break;
    case EventType::block_start:
      if (const auto block = wire::member(object, "content_block")) {
        take_block(*block, event);
      }
      break;
    case EventType::block_delta:
      if (const auto delta = wire::member(object, "delta")) {
        take_block(*delta, event);
      }
      break;
    case EventType::message_delta:
      if (const auto delta = wire::member(object, "delta")) {
        event.finish_reason = read_stop_reason(*delta);
      }
      take_usage(object, event);
      break;
    case EventType::message_stop:
      event.terminator = true;
      break;
  }
  return std::nullopt;
}

std::optional<ErrorFields> AnthropicInterpreter::take_body(const Json& message, Event& event) {
  if (auto error = error_fields(message)) {
    return error;
  }
  m_content.clear();
  m_reasoning.clear();
  for (const Json block : wire::elements(message, "content")) {
    take_block(block, event);
  }
  event.finish_reason = read_stop_reason(message);
  take_usage(message, event);
  return std::nullopt;
}

/// Blocks and their deltas name their text alike.
void AnthropicInterpreter::take_block(const Json& block, Event& event) {
  m_content.append(wire::text(block, "text")).append(wire::text(block, "partial_json"));
  m_reasoning.append(wire::text(block, "thinking"));
  event.reasoned = event.reasoned || is_reasoning(wire::text(block, "type"));
  // A tool's input is whole in an answer that is not streamed, and an empty object in one that is.
  simdjson::dom::object members;
  if (const auto input = wire::member(block, "input");
      input && input->get(members) == simdjson::SUCCESS && members.begin() != members.end()) {
    m_content.append(wire::json_text(*input));
  }
  event.content = m_content;
  event.reasoning = m_reasoning;
}

/// Later counts replace earlier ones; what an event leaves out stays as it was.
void AnthropicInterpreter::take_usage(const Json& object, Event& event) {
  const auto usage = wire::member(object, "usage");
  if (!usage || !usage->is_object()) {
    return;
  }
  const auto take_count = [](const Json& from, const char* name,
                             std::optional<std::uint64_t>& value) {
    if (const auto count = wire::count(from, name)) {
      value = count;
    }
  };
  take_count(*usage, "input_tokens", m_uncached);
  take_count(*usage, "cache_creation_input_tokens", m_cache_writes);
  take_count(*usage, "cache_read_input_tokens", m_usage.cached_input);
  take_count(*usage, "output_tokens", m_usage.output);
  if (const auto details = wire::member(*usage, "output_tokens_details")) {
    take_count(*details, "thinking_tokens", m_usage.reasoning);
  }
  if (m_uncached) {
    m_usage.input = *m_uncached + m_cache_writes.value_or(0) + m_usage.cached_input.value_or(0);
  }
  event.usage = measure::as_report(m_usage);
}

}  // namespace inferometer::protocol

namespace inferometer::protocol::anthropic {

using nlohmann::json;

json request_members(const Generation& generation) {
  json body{
      {"max_tokens", generation.max_output_tokens},
      {"messages", json::array({{{"role", "user"}, {"content", generation.prompt}}})},
  };
  if (!generation.system_prompt.empty()) {
    body["system"] = generation.system_prompt;
  }
  if (generation.temperature) {
    body["temperature"] = *generation.temperature;
  }
  return body;
}

HttpRequest make_request(const Generation& generation) {
  json body = request_members(generation);
  body["model"] = generation.model;
  body["stream"] = generation.stream;
  std::vector<Header> headers = json_headers(generation);
  headers.emplace_back("anthropic-version", "2023-06-01");
  return {.path = "/messages", .headers = std::move(headers), .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, AnthropicInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<AnthropicInterpreter>();
}

}  // namespace inferometer::protocol::anthropic
