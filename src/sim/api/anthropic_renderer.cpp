#include "sim/api/anthropic.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>

namespace inferometer::sim {
namespace {

/// What a real API signs its thinking with.
constexpr std::string_view k_signature = "c2ltdWxhdGVk";

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "end_turn";
    case FinishReason::length:
      return "max_tokens";
    case FinishReason::content_filter:
      return "refusal";
  }
  return "";
}

/// The counts of the input: what came from the cache is not in `input_tokens`.
void append_input(std::string& out, const Usage& usage) {
  fmt::format_to(std::back_inserter(out),
                 R"("input_tokens":{},"cache_creation_input_tokens":0,)"
                 R"("cache_read_input_tokens":{})",
                 usage.prompt_tokens - usage.cached_prompt_tokens, usage.cached_prompt_tokens);
}

/// The member `usage` with the final counts; `with_thinking` names that part of the output.
void append_usage(std::string& out, const Usage& usage, bool with_thinking) {
  out.append(R"("usage":{)");
  append_input(out, usage);
  fmt::format_to(std::back_inserter(out), R"(,"output_tokens":{})", usage.completion_tokens);
  if (with_thinking) {
    fmt::format_to(std::back_inserter(out), R"(,"output_tokens_details":{{"thinking_tokens":{}}})",
                   usage.reasoning_tokens);
  }
  out.append("}");
}

class AnthropicRenderer final : public Renderer {
 public:
  AnthropicRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_show_reasoning(ask.include_reasoning),
        m_stamp(behaviour.stamp),
        m_count_thinking(behaviour.usage_details == UsageDetails::all),
        m_first(behaviour.reasoning_tokens > 0 ? TextKind::reasoning : TextKind::content),
        m_sse(behaviour),
        m_message(
            fmt::format(R"({{"id":"msg_{:016x}","type":"message","role":"assistant","model":{},)",
                        id.number, quote(ask.model))) {}

  void opening(Frames& out, const Usage& usage) override {
    m_sse.begin(out.bytes, "message_start");
    out.bytes.append(R"({"type":"message_start","message":)").append(m_message);
    out.bytes.append(R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{)");
    append_input(out.bytes, usage);
    out.bytes.append(R"(,"output_tokens":1}}})");
    m_sse.end(out.bytes);
    open_block(out.bytes, m_first);
    comment(out);
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& /*usage*/) override {
    if (m_block != kind) {
      close_block(out.bytes);
      open_block(out.bytes, kind);
    }
    if (kind == TextKind::reasoning && !m_show_reasoning) {
      return;
    }
    begin_delta(out.bytes, kind);
    out.bytes.append(text).append(R"("})");
    if (m_stamp) {
      append_stamp(out);
    }
    out.bytes.append("}");
    m_sse.end(out.bytes);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    close_block(out.bytes);
    m_sse.begin(out.bytes, "message_delta");
    fmt::format_to(
        std::back_inserter(out.bytes),
        R"({{"type":"message_delta","delta":{{"stop_reason":"{}","stop_sequence":null}},)",
        to_string(reason));
    append_usage(out.bytes, usage, m_count_thinking);
    out.bytes.append("}");
    m_sse.end(out.bytes);
  }

  void terminator(Frames& out) override {
    m_sse.event(out.bytes, "message_stop", R"({"type":"message_stop"})");
  }

  void comment(Frames& out) override { m_sse.event(out.bytes, "ping", R"({"type":"ping"})"); }

  void error(Frames& out, ErrorKind kind) override {
    m_sse.event(out.bytes, "error", anthropic_error_object({.kind = kind}));
  }

  void malformed(Frames& out) override {
    begin_delta(out.bytes, TextKind::content);
    m_sse.end(out.bytes);
  }

  void unfinished(Frames& out) override { begin_delta(out.bytes, TextKind::content); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = m_message + R"("content":[)";
    if (!reasoning.empty()) {
      fmt::format_to(std::back_inserter(out),
                     R"({{"type":"thinking","thinking":"{}","signature":"{}"}},)",
                     m_show_reasoning ? reasoning : "", k_signature);
    }
    fmt::format_to(std::back_inserter(out),
                   R"({{"type":"text","text":"{}"}}],"stop_reason":"{}","stop_sequence":null,)",
                   content, to_string(reason));
    append_usage(out, usage, m_count_thinking);
    return out.append("}");
  }

 private:
  void open_block(std::string& out, TextKind kind) {
    m_block = kind;
    m_sse.begin(out, "content_block_start");
    fmt::format_to(std::back_inserter(out),
                   R"({{"type":"content_block_start","index":{},"content_block":{}}})", m_index,
                   kind == TextKind::content
                       ? R"({"type":"text","text":""})"
                       : R"({"type":"thinking","thinking":"","signature":""})");
    m_sse.end(out);
  }

  void close_block(std::string& out) {
    if (!m_block) {
      return;
    }
    if (m_block == TextKind::reasoning) {
      m_sse.begin(out, "content_block_delta");
      fmt::format_to(std::back_inserter(out),
                     R"({{"type":"content_block_delta","index":{},"delta":)"
                     R"({{"type":"signature_delta","signature":"{}"}}}})",
                     m_index, k_signature);
      m_sse.end(out);
    }
    m_sse.begin(out, "content_block_stop");
    fmt::format_to(std::back_inserter(out), R"({{"type":"content_block_stop","index":{}}})",
                   m_index);
    m_sse.end(out);
    m_block.reset();
    ++m_index;
  }

  /// Up to the text.
  void begin_delta(std::string& out, TextKind kind) {
    m_sse.begin(out, "content_block_delta");
    fmt::format_to(std::back_inserter(out), R"({{"type":"content_block_delta","index":{},"delta":)",
                   m_index);
    out.append(kind == TextKind::content ? R"({"type":"text_delta","text":")"
                                         : R"({"type":"thinking_delta","thinking":")");
  }

  bool m_show_reasoning;
  bool m_stamp;
  bool m_count_thinking;  ///< only newer versions of the API do
  TextKind m_first;       ///< of the block that is opened before there is any text
  SseWriter m_sse;
  std::string m_message;            ///< how the message begins
  std::optional<TextKind> m_block;  ///< the one that is open
  std::uint64_t m_index = 0;        ///< of it, or of the next one
};

}  // namespace

std::unique_ptr<Renderer> make_anthropic_renderer(const Ask& ask, const Behaviour& behaviour,
                                                  AnswerId id) {
  return std::make_unique<AnthropicRenderer>(ask, behaviour, id);
}

}  // namespace inferometer::sim
