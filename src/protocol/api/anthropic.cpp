#include "protocol/api/anthropic_interpreter.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "protocol/framing/sse.hpp"
#include "wire/json.hpp"

#include <nlohmann/json.hpp>

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
