#include "protocol/api/apis.hpp"
#include "protocol/api/openai_chunk.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"

namespace inferometer::protocol::openai_chat {
namespace {

using nlohmann::json;
using wire::Json;

class ChatInterpreter {
 public:
  // A server's own events (SGLang's sglext_ids) are no content.
  static bool knows(std::string_view type) { return type.empty() || type == "message"; }

  std::optional<ErrorFields> take(std::string_view /*type*/, const Json& chunk, Event& event) {
    return take_choices(chunk, "delta", event);
  }

  std::optional<ErrorFields> take_body(const Json& completion, Event& event) {
    return take_choices(completion, "message", event);
  }

 private:
  std::optional<ErrorFields> take_choices(const Json& object, const char* message, Event& event) {
    if (auto error = openai::read_error(object)) {
      return error;
    }
    m_content.clear();
    m_reasoning.clear();
    for (const Json choice : wire::elements(object, "choices")) {
      if (const auto part = wire::member(choice, message)) {
        take_message(*part, event);
      }
      if (const auto reason = openai::read_finish_reason(choice)) {
        event.finish_reason = reason;
      }
    }
    event.usage = openai::read_usage(object);
    event.content = m_content;
    event.reasoning = m_reasoning;
    return std::nullopt;
  }

  void take_message(const Json& message, Event& event) {
    m_content.append(wire::text(message, "content"));
    const std::string_view reasoning = wire::text(message, "reasoning_content");
    m_reasoning.append(reasoning.empty() ? wire::text(message, "reasoning") : reasoning);
    if (const std::string_view refusal = wire::text(message, "refusal"); !refusal.empty()) {
      m_content.append(refusal);
      event.refusal = true;
    }
    m_content.append(wire::text(wire::member(message, "function_call"), "arguments"));
    for (const Json call : wire::elements(message, "tool_calls")) {
      m_content.append(wire::text(wire::member(call, "function"), "arguments"));
    }
  }

  std::string m_content;
  std::string m_reasoning;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json body = openai::request_members(generation, generation.max_tokens_parameter);
  body["messages"] = openai::chat_messages(generation);
  return {.path = "/chat/completions",
          .headers = json_headers(generation),
          .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, ChatInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<ChatInterpreter>();
}

}  // namespace inferometer::protocol::openai_chat
