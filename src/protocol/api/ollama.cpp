#include "protocol/api/apis.hpp"
#include "protocol/api/openai_chunk.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/ndjson.hpp"
#include "wire/json.hpp"

namespace inferometer::protocol::ollama {
namespace {

using measure::FinishReason;
using measure::TokenUsage;
using nlohmann::json;
using wire::Json;

/// Ollama does not tell reasoning from the rest of the output, nor what came from a cache.
std::optional<TokenUsage> read_usage(const Json& line) {
  TokenUsage tokens;
  tokens.input = wire::count(line, "prompt_eval_count");
  tokens.output = wire::count(line, "eval_count");
  return measure::as_report(tokens);
}

class ChatInterpreter {
 public:
  static bool knows(std::string_view /*type*/) { return true; }

  std::optional<ErrorFields> take(std::string_view /*type*/, const Json& line, Event& event) {
    if (auto error = error_fields(line)) {
      return error;
    }
    m_content.clear();
    if (const auto message = wire::member(line, "message")) {
      m_content.append(wire::text(*message, "content"));
      take_tool_calls(*message);
      event.reasoning = wire::text(*message, "thinking");
    }
    event.content = m_content;
    if (wire::flag(line, "done")) {
      event.terminator = true;
      event.usage = read_usage(line);
      event.finish_reason = finish_reason(wire::text(line, "done_reason"));
    }
    return std::nullopt;
  }

  std::optional<ErrorFields> take_body(const Json& answer, Event& event) {
    return take({}, answer, event);
  }

 private:
  /// Each call comes whole, with its arguments as an object.
  void take_tool_calls(const Json& message) {
    for (const Json call : wire::elements(message, "tool_calls")) {
      const auto arguments = wire::member(wire::member(call, "function"), "arguments");
      if (arguments) {
        m_content.append(wire::json_text(*arguments));
        m_called_tools = true;
      }
    }
  }

  [[nodiscard]] std::optional<FinishReason> finish_reason(std::string_view reason) const {
    if (reason.empty()) {  // the end alone tells no reason
      return std::nullopt;
    }
    if (reason == "length") {
      return FinishReason::length;
    }
    return m_called_tools ? FinishReason::tool_calls : FinishReason::stop;
  }

  std::string m_content;
  bool m_called_tools = false;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json options{{"num_predict", generation.max_output_tokens}};
  if (generation.temperature) {
    options["temperature"] = *generation.temperature;
  }
  const json body{
      {"model", generation.model},
      {"messages", openai::chat_messages(generation)},
      {"stream", generation.stream},
      {"options", std::move(options)},
  };
  return {.path = "/api/chat",
          .headers = {{"Content-Type", "application/json"},
                      {"Accept", generation.stream ? "application/x-ndjson" : "application/json"}},
          .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<NdjsonFraming, ChatInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<ChatInterpreter>();
}

}  // namespace inferometer::protocol::ollama
