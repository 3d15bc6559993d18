#include "protocol/api/apis.hpp"
#include "protocol/api/openai_chunk.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"

namespace inferometer::protocol::openai_completions {
namespace {

using nlohmann::json;
using wire::Json;

class CompletionInterpreter {
 public:
  static bool knows(std::string_view type) { return type.empty() || type == "message"; }

  std::optional<ErrorFields> take(std::string_view /*type*/, const Json& chunk, Event& event) {
    return take_body(chunk, event);
  }

  std::optional<ErrorFields> take_body(const Json& completion, Event& event) {
    if (auto error = openai::read_error(completion)) {
      return error;
    }
    m_content.clear();
    for (const Json choice : wire::elements(completion, "choices")) {
      m_content.append(wire::text(choice, "text"));
      if (const auto reason = openai::read_finish_reason(choice)) {
        event.finish_reason = reason;
      }
    }
    event.usage = openai::read_usage(completion);
    event.content = m_content;
    return std::nullopt;
  }

 private:
  std::string m_content;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  // The API has no max_completion_tokens.
  json body = openai::request_members(generation, "max_tokens");
  body["prompt"] = generation.system_prompt.empty()
                       ? generation.prompt
                       : generation.system_prompt + "\n\n" + generation.prompt;
  return {
      .path = "/completions", .headers = json_headers(generation), .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<SseFraming, CompletionInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<CompletionInterpreter>();
}

}  // namespace inferometer::protocol::openai_completions
