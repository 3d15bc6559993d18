#include "sim/api/bedrock.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "wire/base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::sim::bedrock_invoke {
namespace {

constexpr std::array k_routes{
    Route{.pattern = "/model/{model}/invoke-with-response-stream", .streams = true},
    Route{.pattern = "/model/{model}/invoke", .streams = false},
};

constexpr std::string_view k_chunk_event = "chunk";
constexpr std::string_view k_ping = R"({"type":"ping"})";
constexpr std::string_view k_message_stop = R"({"type":"message_stop"})";

base::Result<Ask> parse(const Call& call) {
  return anthropic::parse_body(
      call.request.body, Ask{.model = call.model, .stream = call.route.streams.value_or(false)},
      true);
}

/// Anthropic's own stream is plain JSON in there, so what shapes a stream is for the outer one.
Behaviour inner_behaviour(const Behaviour& behaviour) {
  Behaviour inner = behaviour;
  inner.line_ending = LineEnding::lf;
  inner.stamp = false;
  inner.fault.reset();
  return inner;
}

class InvokeRenderer final : public Renderer {
 public:
  InvokeRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_events(behaviour),
        m_corrupt(behaviour.fault == Fault::corrupt_crc),
        m_model(anthropic::wire_format().make_renderer(ask, inner_behaviour(behaviour), id)) {}

  void opening(Frames& out, const Usage& usage) override {
    m_model->opening(m_inner, usage);
    wrap(out, false);
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) override {
    m_model->tokens(m_inner, kind, text, usage);
    wrap(out, true);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    m_model->finish(m_inner, reason, usage);
    wrap(out, false);
    m_usage = usage;
  }

  void terminator(Frames& out) override {
    m_model->terminator(m_inner);
    wrap(out, false);
  }

  void comment(Frames& /*out*/) override {}

  void error(Frames& out, ErrorKind kind) override {
    const bedrock::Exception exception = bedrock::exception(kind);
    EventStreamWriter::exception(out, exception.type, exception.payload);
  }

  void malformed(Frames& out) override {
    if (m_corrupt) {
      m_events.corrupt_event(out, k_chunk_event, bytes_member(k_ping));
    } else {
      m_model->malformed(m_inner);
      wrap(out, false);
    }
  }

  void unfinished(Frames& out) override {
    EventStreamWriter::unfinished(out, k_chunk_event, R"({"bytes":")");
  }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    return m_model->completion(content, reasoning, reason, usage);
  }

 private:
  static std::string bytes_member(std::string_view object) {
    return fmt::format(R"("bytes":"{}")", wire::base64_encode(object));
  }

  /// Takes each event out of what the model's own renderer has written, and sends it as a chunk.
  void wrap(Frames& out, bool text) {
    constexpr std::string_view k_data = "data: ";
    std::string_view rest = m_inner.bytes;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      if (line.starts_with(k_data)) {
        send(out, line.substr(k_data.size()), text);
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    m_inner.clear();
  }

  void send(Frames& out, std::string_view object, bool text) {
    if (object == k_ping) {
      return;
    }
    if (object == k_message_stop) {
      m_events.event(out, k_chunk_event, bytes_member(message_stop()));
    } else if (text) {
      m_events.text_event(out, k_chunk_event, bytes_member(object));
    } else {
      m_events.event(out, k_chunk_event, bytes_member(object));
    }
  }

  /// The input is counted as the model counts it, without what came from the cache. The latencies,
  /// in milliseconds, are made up.
  [[nodiscard]] std::string message_stop() const {
    return fmt::format(
        R"({{"type":"message_stop","amazon-bedrock-invocationMetrics":{{"inputTokenCount":{},)"
        R"("outputTokenCount":{},"invocationLatency":3,"firstByteLatency":1}}}})",
        m_usage.prompt_tokens - m_usage.cached_prompt_tokens, m_usage.completion_tokens);
  }

  EventStreamWriter m_events;
  bool m_corrupt;
  std::unique_ptr<Renderer> m_model;
  Frames m_inner;  ///< what the model's own renderer has written
  Usage m_usage;
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<InvokeRenderer>(ask, behaviour, id);
}

}  // namespace

WireFormat wire_format() {
  return {.name = "bedrock-invoke",
          .routes = k_routes,
          .stream_content_type = "application/vnd.amazon.eventstream",
          .key_header = "",
          .request_id_header = "x-amzn-RequestId",
          .check_proof = bedrock::check_signature,
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = bedrock::render_error,
          .checksums = true};
}

}  // namespace inferometer::sim::bedrock_invoke
