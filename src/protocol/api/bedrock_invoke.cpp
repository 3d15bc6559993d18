#include "protocol/api/anthropic.hpp"
#include "protocol/api/apis.hpp"
#include "protocol/framing/aws_event_stream_framing.hpp"
#include "protocol/framing/json_decoder.hpp"
#include "wire/base64.hpp"
#include "wire/json.hpp"

#include <nlohmann/json.hpp>

namespace inferometer::protocol::bedrock_invoke {
namespace {

using nlohmann::json;

/// Takes the model's own events out of Bedrock's, which hold them in base64 within JSON.
class ChunkFraming {
 public:
  [[nodiscard]] bool feed(std::string_view bytes, const FrameFunction& emit) {
    const bool good = m_outer.feed(bytes, [&](const Frame& frame) { take(frame, emit); });
    return good && !m_broken;
  }

  [[nodiscard]] bool finish(const FrameFunction& emit) const { return m_outer.finish(emit); }

  [[nodiscard]] bool at_boundary() const { return m_outer.at_boundary(); }

  [[nodiscard]] std::string_view problem() const {
    return m_broken ? "a chunk without the base64 of an event" : m_outer.problem();
  }

 private:
  void take(const Frame& frame, const FrameFunction& emit) {
    if (m_broken) {
      return;
    }
    if (frame.is_error || frame.type != "chunk") {
      emit(frame);
      return;
    }
    const std::string_view encoded = wire::text(wire::parse_json(frame.data), "bytes");
    m_broken = encoded.empty() || !wire::base64_decode(encoded, m_event);
    if (!m_broken) {
      emit(Frame{.type = {}, .data = m_event});
    }
  }

  AwsEventStreamFraming m_outer;
  std::string m_event;  // kept for its memory
  bool m_broken = false;
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json body = anthropic::request_members(generation);
  body["anthropic_version"] = "bedrock-2023-05-31";  // the only one there is
  return {.path = bedrock::operation_path(
              generation.model, generation.stream ? "invoke-with-response-stream" : "invoke"),
          .headers = bedrock::request_headers(generation.stream),
          .body = wire::write_json(body)};
}

std::unique_ptr<Decoder> make_stream_decoder() {
  return make_json_stream_decoder<ChunkFraming, AnthropicInterpreter>();
}

std::unique_ptr<Decoder> make_body_decoder() {
  return make_json_body_decoder<AnthropicInterpreter>();
}

}  // namespace inferometer::protocol::bedrock_invoke
