#include "sim/api/bedrock.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace inferometer::sim::bedrock_converse {
namespace {

using nlohmann::json;

constexpr std::array k_routes{
    Route{.pattern = "/model/{model}/converse-stream", .streams = true},
    Route{.pattern = "/model/{model}/converse", .streams = false},
};

constexpr std::array<std::string_view, 2> k_roles{"user", "assistant"};

constexpr std::string_view k_delta_event = "contentBlockDelta";

/// What a real API signs its reasoning with.
constexpr std::string_view k_signature = "c2ltdWxhdGVk";

// ---- requests

base::Result<void> read_prompt(const json& body, Ask& ask) {
  std::string prompt;
  const json& system = member(body, "system");
  if ((!system.is_null() && !system.is_array()) || !append_content(system, prompt)) {
    return base::fail("Value at 'system' failed to satisfy constraint: Member must be a list");
  }
  const MessageRules rules{.roles = k_roles, .content_needed = true};
  return read_messages(body, rules, prompt).map([&] { set_prompt(ask, std::move(prompt)); });
}

base::Result<Ask> parse(const Call& call) {
  Ask ask{.model = call.model, .stream = call.route.streams.value_or(false)};
  json body;
  return parse_json_object(call.request.body)
      .and_then([&](json parsed) {
        body = std::move(parsed);
        return read_object(body, "inferenceConfig");
      })
      .and_then([](const json& config) { return read_count(config, "maxTokens", 1); })
      .and_then([&](std::optional<std::uint64_t> bound) {
        ask.max_tokens = bound;
        return read_prompt(body, ask);
      })
      .map([&] { return std::move(ask); });
}

// ---- answers

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "end_turn";
    case FinishReason::length:
      return "max_tokens";
    case FinishReason::content_filter:
      return "content_filtered";
  }
  return "";
}

/// The members `usage` and `metrics`. What came from the cache is not in `inputTokens`; the
/// latency, in milliseconds, is made up.
void append_usage(std::string& out, const Usage& usage) {
  fmt::format_to(std::back_inserter(out),
                 R"("usage":{{"inputTokens":{},"outputTokens":{},"totalTokens":{},)"
                 R"("cacheReadInputTokens":{},"cacheWriteInputTokens":0}},)"
                 R"("metrics":{{"latencyMs":3}})",
                 usage.prompt_tokens - usage.cached_prompt_tokens, usage.completion_tokens,
                 usage.prompt_tokens + usage.completion_tokens, usage.cached_prompt_tokens);
}

class ConverseRenderer final : public Renderer {
 public:
  explicit ConverseRenderer(const Behaviour& behaviour)
      : m_events(behaviour),
        m_with_usage(behaviour.usage != UsagePlacement::none),
        m_corrupt(behaviour.fault == Fault::corrupt_crc) {}

  void opening(Frames& out, const Usage& /*usage*/) override {
    m_events.event(out, "messageStart", R"("role":"assistant")");
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& /*usage*/) override {
    if (m_block && m_block != kind) {
      close_block(out);
    }
    m_block = kind;
    m_events.text_event(out, k_delta_event, delta(kind, text));
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    if (m_block) {
      close_block(out);
    }
    m_events.event(out, "messageStop", fmt::format(R"("stopReason":"{}")", to_string(reason)));
    m_usage = usage;
  }

  /// The last event. A stream without it ends like any other body.
  void terminator(Frames& out) override {
    if (m_with_usage) {
      m_members.clear();
      append_usage(m_members, m_usage);
      m_events.event(out, "metadata", m_members);
    }
  }

  void comment(Frames& /*out*/) override {}

  void error(Frames& out, ErrorKind kind) override {
    const bedrock::Exception exception = bedrock::exception(kind);
    EventStreamWriter::exception(out, exception.type, exception.payload);
  }

  void malformed(Frames& out) override {
    if (m_corrupt) {
      m_events.corrupt_event(out, k_delta_event, delta(TextKind::content, " corrupt"));
    } else {
      EventStreamWriter::raw_event(out, k_delta_event, R"({"contentBlockIndex":0,"delta":)");
    }
  }

  void unfinished(Frames& out) override {
    EventStreamWriter::unfinished(out, k_delta_event,
                                  R"({"contentBlockIndex":0,"delta":{"text":")");
  }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = R"({"output":{"message":{"role":"assistant","content":[)";
    if (!reasoning.empty()) {
      fmt::format_to(
          std::back_inserter(out),
          R"({{"reasoningContent":{{"reasoningText":{{"text":"{}","signature":"{}"}}}}}},)",
          reasoning, k_signature);
    }
    fmt::format_to(std::back_inserter(out), R"({{"text":"{}"}}]}}}},"stopReason":"{}",)", content,
                   to_string(reason));
    append_usage(out, usage);
    return out.append("}");
  }

 private:
  /// The members of a delta, valid until the next call.
  std::string_view delta(TextKind kind, std::string_view text) {
    m_members.clear();
    const std::string_view begin =
        kind == TextKind::content ? R"({"text":")" : R"({"reasoningContent":{"text":")";
    fmt::format_to(std::back_inserter(m_members), R"("contentBlockIndex":{},"delta":{}{}"{})",
                   m_index, begin, text, kind == TextKind::content ? "}" : "}}");
    return m_members;
  }

  void close_block(Frames& out) {
    if (m_block == TextKind::reasoning) {
      m_events.event(
          out, k_delta_event,
          fmt::format(
              R"("contentBlockIndex":{},"delta":{{"reasoningContent":{{"signature":"{}"}}}})",
              m_index, k_signature));
    }
    m_events.event(out, "contentBlockStop", fmt::format(R"("contentBlockIndex":{})", m_index));
    m_block.reset();
    ++m_index;
  }

  EventStreamWriter m_events;
  bool m_with_usage;
  bool m_corrupt;
  std::optional<TextKind> m_block;  ///< the one that is open
  std::uint64_t m_index = 0;        ///< of it, or of the next one
  Usage m_usage;
  std::string m_members;  ///< kept for its memory
};

std::unique_ptr<Renderer> make_renderer(const Ask& /*ask*/, const Behaviour& behaviour,
                                        AnswerId /*id*/) {
  return std::make_unique<ConverseRenderer>(behaviour);
}

}  // namespace

WireFormat wire_format() {
  return {.name = "bedrock-converse",
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

}  // namespace inferometer::sim::bedrock_converse
