#include "sim/api/openai.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace inferometer::sim::openai_responses {
namespace {

using nlohmann::json;

// ---- requests

constexpr std::array k_routes{Route{.pattern = "/v1/responses", .streams = {}}};

/// The least that `max_output_tokens` may be.
constexpr std::uint64_t k_least_bound = 16;

base::Result<void> read_input(const json& body, Ask& ask) {
  std::string prompt;
  const json& instructions = member(body, "instructions");
  if (instructions.is_array() || !append_content(instructions, prompt)) {
    return base::fail("`instructions` must be a string");
  }
  const json& input = member(body, "input");
  if (input.is_string()) {
    set_prompt(ask, prompt.append(input.get_ref<const std::string&>()));
    return {};
  }
  return read_messages(body, {.list = "input"}, prompt).map([&] {
    set_prompt(ask, std::move(prompt));
  });
}

base::Result<void> read_reasoning(const json& body, Ask& ask) {
  return read_object(body, "reasoning").and_then([&](const json& reasoning) -> base::Result<void> {
    const json& summary = member(reasoning, "summary");
    if (!summary.is_null() && !summary.is_string()) {
      return base::fail("`reasoning.summary` must be a string");
    }
    ask.include_reasoning = summary.is_string();
    return {};
  });
}

base::Result<void> check_stream_options(const json& body) {
  return read_object(body, "stream_options")
      .and_then([](const json& options) -> base::Result<void> {
        if (!member(options, "include_usage").is_null()) {
          return base::fail("Unknown parameter: 'stream_options.include_usage'.");
        }
        return {};
      });
}

base::Result<Ask> parse(const Call& call) {
  Ask ask;
  json body;
  return parse_json_object(call.request.body)
      .and_then([&](json parsed) {
        body = std::move(parsed);
        return read_text(body, "model");
      })
      .and_then([&](std::string model) {
        ask.model = std::move(model);
        return read_flag(body, "stream");
      })
      .and_then([&](bool stream) {
        ask.stream = stream;
        return read_count(body, "max_output_tokens", k_least_bound);
      })
      .and_then([&](std::optional<std::uint64_t> bound) {
        ask.max_tokens = bound;
        return check_stream_options(body);
      })
      .and_then([&] { return read_reasoning(body, ask); })
      .and_then([&] { return read_input(body, ask); })
      .map([&] { return std::move(ask); });
}

// ---- answers

/// Of each item's text, so much is repeated at its end: a stream without end must not fill the
/// memory.
constexpr std::size_t k_longest_text = std::size_t{8} * 1024 * 1024;

std::string_view status(FinishReason reason) {
  return reason == FinishReason::stop ? "completed" : "incomplete";
}

std::string_view incomplete_details(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "null";
    case FinishReason::length:
      return R"({"reason":"max_output_tokens"})";
    case FinishReason::content_filter:
      return R"({"reason":"content_filter"})";
  }
  return "";
}

std::string usage_object(const Usage& usage, UsageDetails details) {
  const std::uint64_t total = usage.prompt_tokens + usage.completion_tokens;
  if (details == UsageDetails::none) {
    return fmt::format(R"({{"input_tokens":{},"output_tokens":{},"total_tokens":{}}})",
                       usage.prompt_tokens, usage.completion_tokens, total);
  }
  return fmt::format(
      R"({{"input_tokens":{},"input_tokens_details":{{"cached_tokens":{}}},"output_tokens":{},)"
      R"("output_tokens_details":{{"reasoning_tokens":{}}},"total_tokens":{}}})",
      usage.prompt_tokens, usage.cached_prompt_tokens, usage.completion_tokens,
      usage.reasoning_tokens, total);
}

std::string text_part(std::string_view text) {
  return fmt::format(R"({{"type":"output_text","annotations":[],"logprobs":[],"text":"{}"}})",
                     text);
}

std::string summary_part(std::string_view text) {
  return fmt::format(R"({{"type":"summary_text","text":"{}"}})", text);
}

class ResponsesRenderer final : public Renderer {
 public:
  ResponsesRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_show_reasoning(ask.include_reasoning),
        m_stamp(behaviour.stamp),
        m_details(behaviour.usage_details),
        m_number(id.number),
        m_sse(behaviour),
        m_response(fmt::format(
            R"({{"id":"resp_{:016x}","object":"response","created_at":{},"model":{},)"
            R"("instructions":null,"metadata":{{}},"parallel_tool_calls":true,"temperature":1.0,)"
            R"("tool_choice":"auto","tools":[],"top_p":1.0,)",
            id.number, id.created, quote(ask.model))) {}

  void opening(Frames& out, const Usage& /*usage*/) override {
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
      begin(out.bytes, type);
      out.bytes.append(R"(,"response":)");
      append_response(out.bytes, "in_progress", "null", "null", "null");
      end(out.bytes);
    }
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& /*usage*/) override {
    if (m_open != kind) {
      close_item(out.bytes);
      open_item(out.bytes, kind);
    }
    if (kind == TextKind::reasoning && !m_show_reasoning) {
      return;
    }
    begin_delta(out.bytes, kind);
    out.bytes.append(text).append("\"");
    if (kind == TextKind::content) {
      out.bytes.append(R"(,"logprobs":[])");
    }
    if (m_stamp) {
      append_stamp(out);
    }
    end(out.bytes);
    if (m_text.size() + text.size() <= k_longest_text) {
      m_text.append(text);
    }
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    if (!m_open && m_items.empty()) {
      open_item(out.bytes, TextKind::content);
    }
    close_item(out.bytes);
    m_reason = reason;
    m_usage = usage;
  }

  void refusal(Frames& out, const Usage& usage) override {
    if (m_open != TextKind::content) {
      close_item(out.bytes);
      open_item(out.bytes, TextKind::content);
    }
    const std::string text = quote("I cannot help with that.");
    item_event(out.bytes, "response.refusal.delta", "delta", text);
    item_event(out.bytes, "response.refusal.done", "refusal", text);
    finish(out, FinishReason::stop, usage);
  }

  void terminator(Frames& out) override {
    begin(out.bytes, m_reason == FinishReason::stop ? "response.completed" : "response.incomplete");
    out.bytes.append(R"(,"response":)");
    append_response(out.bytes, status(m_reason), "null", incomplete_details(m_reason),
                    usage_object(m_usage, m_details));
    end(out.bytes);
  }

  void comment(Frames& out) override { m_sse.comment(out.bytes, " keep-alive"); }

  /// The API has two ways to fail: a response that failed, and an event of its own for an error of
  /// the stream.
  void error(Frames& out, ErrorKind kind) override {
    const std::string details = fmt::format(R"("code":"{}","message":{})", openai::error_code(kind),
                                            quote(openai::error_message({.kind = kind})));
    if (kind == ErrorKind::server_error) {
      begin(out.bytes, "response.failed");
      out.bytes.append(R"(,"response":)");
      append_response(out.bytes, "failed", fmt::format("{{{}}}", details), "null", "null");
    } else {
      begin(out.bytes, "error");
      out.bytes.append(",").append(details).append(R"(,"param":null)");
    }
    end(out.bytes);
  }

  void malformed(Frames& out) override {
    begin_delta(out.bytes, TextKind::content);
    m_sse.end(out.bytes);
  }

  void unfinished(Frames& out) override { begin_delta(out.bytes, TextKind::content); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    if (!reasoning.empty()) {
      m_items.push_back(item(TextKind::reasoning, m_show_reasoning ? reasoning : "", "completed"));
      ++m_index;
    }
    m_items.push_back(item(TextKind::content, content, status(reason)));
    std::string out;
    append_response(out, status(reason), "null", incomplete_details(reason),
                    usage_object(usage, m_details));
    return out;
  }

 private:
  /// Begins an event, up to its number.
  void begin(std::string& out, std::string_view type) {
    m_sse.begin(out, type);
    fmt::format_to(std::back_inserter(out), R"({{"type":"{}","sequence_number":{})", type,
                   m_sequence++);
  }

  void end(std::string& out) {
    out.append("}");
    m_sse.end(out);
  }

  /// An event about the open item.
  void item_event(std::string& out, std::string_view type, std::string_view member,
                  std::string_view value) {
    begin(out, type);
    append_place(out);
    fmt::format_to(std::back_inserter(out), R"(,"{}":{})", member, value);
    end(out);
  }

  /// Where in the response the open item's text is.
  void append_place(std::string& out) const {
    fmt::format_to(std::back_inserter(out), R"(,"item_id":"{}","output_index":{},"{}":0)",
                   item_id(m_open.value_or(TextKind::content)), m_index,
                   m_open == TextKind::reasoning ? "summary_index" : "content_index");
  }

  void begin_delta(std::string& out, TextKind kind) {
    begin(out, kind == TextKind::content ? "response.output_text.delta"
                                         : "response.reasoning_summary_text.delta");
    append_place(out);
    out.append(R"(,"delta":")");
  }

  void output_event(std::string& out, std::string_view type, std::string_view item) {
    begin(out, type);
    fmt::format_to(std::back_inserter(out), R"(,"output_index":{},"item":{})", m_index, item);
    end(out);
  }

  void open_item(std::string& out, TextKind kind) {
    m_open = kind;
    output_event(
        out, "response.output_item.added",
        kind == TextKind::content
            ? fmt::format(R"({{"id":"{}","type":"message","status":"in_progress",)"
                          R"("role":"assistant","content":[]}})",
                          item_id(kind))
            : fmt::format(R"({{"id":"{}","type":"reasoning","summary":[]}})", item_id(kind)));
    if (kind == TextKind::content) {
      item_event(out, "response.content_part.added", "part", text_part(""));
    } else if (m_show_reasoning) {
      item_event(out, "response.reasoning_summary_part.added", "part", summary_part(""));
    }
  }

  void close_item(std::string& out) {
    if (!m_open) {
      return;
    }
    const std::string text = fmt::format("\"{}\"", m_text);
    if (m_open == TextKind::content) {
      item_event(out, "response.output_text.done", "text", text);
      item_event(out, "response.content_part.done", "part", text_part(m_text));
    } else if (m_show_reasoning) {
      item_event(out, "response.reasoning_summary_text.done", "text", text);
      item_event(out, "response.reasoning_summary_part.done", "part", summary_part(m_text));
    }
    m_items.push_back(item(*m_open, m_text, "completed"));
    output_event(out, "response.output_item.done", m_items.back());
    m_open.reset();
    m_text.clear();
    ++m_index;
  }

  [[nodiscard]] std::string item_id(TextKind kind) const {
    return fmt::format("{}_{:016x}{}", kind == TextKind::content ? "msg" : "rs", m_number, m_index);
  }

  /// A whole item of the output.
  [[nodiscard]] std::string item(TextKind kind, std::string_view text,
                                 std::string_view item_status) const {
    if (kind == TextKind::content) {
      return fmt::format(
          R"({{"id":"{}","type":"message","status":"{}","role":"assistant","content":[{}]}})",
          item_id(kind), item_status, text_part(text));
    }
    return fmt::format(R"({{"id":"{}","type":"reasoning","summary":[{}]}})", item_id(kind),
                       m_show_reasoning ? summary_part(text) : "");
  }

  /// The response with the items that are done.
  void append_response(std::string& out, std::string_view response_status, std::string_view error,
                       std::string_view incomplete, std::string_view usage) const {
    fmt::format_to(
        std::back_inserter(out),
        R"({}"status":"{}","error":{},"incomplete_details":{},"output":[{}],"usage":{}}})",
        m_response, response_status, error, incomplete, fmt::join(m_items, ","), usage);
  }

  bool m_show_reasoning;
  bool m_stamp;
  UsageDetails m_details;
  std::uint64_t m_number;
  SseWriter m_sse;
  std::string m_response;            ///< how the response begins
  std::uint64_t m_sequence = 0;      ///< of the next event
  std::uint64_t m_index = 0;         ///< of the open item, or of the next one
  std::optional<TextKind> m_open;    ///< what the open item holds
  std::string m_text;                ///< of the open item
  std::vector<std::string> m_items;  ///< those that are done
  FinishReason m_reason = FinishReason::stop;
  Usage m_usage;
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<ResponsesRenderer>(ask, behaviour, id);
}

}  // namespace

WireFormat wire_format() {
  return {.name = "openai-responses",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "api-key",
          .request_id_header = "x-request-id",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = openai::render_error,
          .rate_limit_headers = openai::rate_limit_headers};
}

}  // namespace inferometer::sim::openai_responses
