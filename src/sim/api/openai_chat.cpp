#include "sim/api/openai.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

namespace inferometer::sim::openai_chat {
namespace {

using nlohmann::json;

// ---- requests

/// The second is Azure's, whose deployment has its model.
constexpr std::array k_routes{
    Route{.pattern = "/v1/chat/completions", .streams = {}},
    Route{.pattern = "/openai/deployments/{model}/chat/completions", .streams = {}},
};

base::Result<Ask> parse(const Call& call) {
  return parse_json_object(call.request.body).and_then([&](const json& body) {
    return openai::read_options(body, call).and_then([&body](Ask ask) {
      std::string prompt;
      return read_messages(body, {}, prompt).map([&] {
        set_prompt(ask, std::move(prompt));
        return std::move(ask);
      });
    });
  });
}

// ---- answers

constexpr std::string_view k_role = R"("role":"assistant",)";

/// Azure's first chunk.
constexpr std::string_view k_prompt_filter =
    R"({"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[)"
    R"({"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]})";

/// How a dialect writes a stream, besides what the settings say.
struct Style {
  std::string_view opening = R"("role":"assistant","content":"")";  ///< empty: no such chunk
  std::string_view delta = {};   ///< members that every delta begins with
  std::string_view chunk = {};   ///< members that every chunk ends with
  std::string_view choice = {};  ///< members of the choice with the finish reason
  std::string_view comment = " keep-alive";
  std::string_view error_event = {};  ///< the event's type; none: a plain one
  bool done_after_error = false;
  bool has_id = true;
};

Style style(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::azure:
      return {};
    case Dialect::vllm:
      return {.choice = R"(,"stop_reason":null)", .done_after_error = true};
    case Dialect::sglang:
      return {.choice = R"(,"matched_stop":null)", .done_after_error = true};
    case Dialect::tgi:
      return {
          .opening = "", .delta = k_role, .comment = "", .done_after_error = true, .has_id = false};
    case Dialect::llamacpp:
      return {.opening = R"("role":"assistant","content":null)", .comment = ""};
    case Dialect::deepseek:
      return {.opening = R"("role":"assistant","content":null,"reasoning_content":"")"};
    case Dialect::openrouter:
      return {.delta = k_role,
              .chunk = R"(,"provider":"sim")",
              .choice = R"(,"native_finish_reason":"stop")",
              .comment = " OPENROUTER PROCESSING"};
    case Dialect::groq:
      return {.error_event = "error"};
  }
  return {};
}

/// The members that carry a text of that kind; 50,000 of them are written in a second, so no JSON
/// library is at work.
void append_text(std::string& out, TextKind kind, ReasoningField field, std::string_view text) {
  if (kind == TextKind::content) {
    out.append(R"("content":")").append(text).append("\"");
    return;
  }
  if (field != ReasoningField::reasoning) {
    out.append(R"("reasoning_content":")").append(text).append("\"");
  }
  if (field == ReasoningField::both) {
    out.append(",");
  }
  if (field != ReasoningField::reasoning_content) {
    out.append(R"("reasoning":")").append(text).append("\"");
  }
}

class ChatRenderer final : public Renderer {
 public:
  ChatRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_dialect(behaviour.dialect),
        m_style(style(behaviour.dialect)),
        m_usage(behaviour.usage),
        m_parts(usage_parts(behaviour)),
        m_reasoning_field(behaviour.reasoning_field),
        m_trailing_usage(behaviour.usage == UsagePlacement::trailing && ask.include_usage),
        m_stamp(behaviour.stamp),
        m_number(id.number),
        m_sse(behaviour) {
    const auto identify = [&](std::string_view object, bool with_number) {
      return fmt::format(R"({{"id":"{}","object":"{}","created":{},"model":{},)",
                         with_number ? fmt::format("chatcmpl-{:016x}", id.number) : "", object,
                         id.created, quote(ask.model));
    };
    m_completion = identify("chat.completion", true);
    m_sse.begin(m_chunk);
    m_chunk.append(identify("chat.completion.chunk", m_style.has_id)).append(R"("choices":[)");
    m_delta = m_chunk + R"({"index":0,"delta":{)";
  }

  void opening(Frames& out, const Usage& usage) override {
    if (m_dialect == Dialect::azure) {
      m_sse.event(out.bytes, {}, k_prompt_filter);
    }
    if (m_style.opening.empty()) {
      return;
    }
    out.bytes.append(m_delta).append(m_style.opening).append(R"(},"finish_reason":null}])");
    if (m_dialect == Dialect::groq) {
      fmt::format_to(std::back_inserter(out.bytes), R"(,"x_groq":{{"id":"req_{:016x}"}})",
                     m_number);
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every);
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) override {
    if (kind == TextKind::reasoning && m_reasoning_field == ReasoningField::none) {
      return;
    }
    out.bytes.append(m_delta).append(m_style.delta);
    if (m_dialect == Dialect::deepseek) {
      out.bytes.append(kind == TextKind::content ? R"("reasoning_content":null,)"
                                                 : R"("content":null,)");
    }
    append_text(out.bytes, kind, m_reasoning_field, text);
    out.bytes.append(R"(},"finish_reason":null}])");
    if (m_stamp) {
      append_stamp(out);
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    out.bytes.append(m_delta).append(R"(},"finish_reason":")");
    out.bytes.append(openai::finish_reason(reason)).append("\"").append(m_style.choice);
    out.bytes.append("}]");
    if (m_usage == UsagePlacement::x_groq) {
      out.bytes.append(R"(,"x_groq":{)");
      openai::append_usage(out.bytes, usage, m_dialect, m_parts);
      out.bytes.append("}");
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every || m_usage == UsagePlacement::finish);
    if (m_dialect == Dialect::sglang) {
      out.bytes.append(m_chunk).append(R"(],"sglext":{})");
      end_chunk(out, usage, false);
    }
    if (m_trailing_usage) {
      out.bytes.append(m_chunk).append("]");
      if (m_dialect == Dialect::llamacpp) {
        fmt::format_to(std::back_inserter(out.bytes),
                       R"(,"timings":{{"cache_n":{},"prompt_n":{},"predicted_n":{}}})",
                       usage.cached_prompt_tokens, usage.prompt_tokens, usage.completion_tokens);
      }
      end_chunk(out, usage, true);
    }
    if (m_usage == UsagePlacement::trailing_choice) {
      out.bytes.append(m_delta).append(m_style.delta);
      out.bytes.append(R"("content":""},"finish_reason":null}])");
      end_chunk(out, usage, true);
    }
  }

  void refusal(Frames& out, const Usage& usage) override {
    if (m_dialect != Dialect::openai && m_dialect != Dialect::azure) {
      Renderer::refusal(out, usage);
      return;
    }
    out.bytes.append(m_delta).append(
        R"("refusal":"I cannot help with that."},"finish_reason":null}])");
    end_chunk(out, usage, m_usage == UsagePlacement::every);
    finish(out, FinishReason::stop, usage);
  }

  void terminator(Frames& out) override { m_sse.event(out.bytes, {}, "[DONE]"); }

  void comment(Frames& out) override { m_sse.comment(out.bytes, m_style.comment); }

  void error(Frames& out, ErrorKind kind) override {
    const ApiError error{.kind = kind, .dialect = m_dialect};
    if (m_dialect == Dialect::openrouter) {
      out.bytes.append(m_delta).append(R"(},"finish_reason":"error"}],"error":{"code":502,)");
      fmt::format_to(std::back_inserter(out.bytes), R"("message":{}}}}})",
                     quote(openai::error_message(error)));
      m_sse.end(out.bytes);
      return;
    }
    m_sse.event(out.bytes, m_style.error_event, openai::error_event(error));
    if (m_style.done_after_error) {
      terminator(out);
    }
  }

  void malformed(Frames& out) override {
    out.bytes.append(m_delta).append(R"("content":)");
    m_sse.end(out.bytes);
  }

  void unfinished(Frames& out) override { out.bytes.append(m_delta).append(R"("content":")"); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = m_completion + R"("choices":[{"index":0,"message":{"role":"assistant",)";
    append_text(out, TextKind::content, m_reasoning_field, content);
    if (!reasoning.empty() && m_reasoning_field != ReasoningField::none) {
      out.append(",");
      append_text(out, TextKind::reasoning, m_reasoning_field, reasoning);
    }
    out.append(R"(},"finish_reason":")").append(openai::finish_reason(reason));
    out.append("\"").append(m_style.choice).append("}]");
    if (m_usage != UsagePlacement::none) {
      out.append(",");
      openai::append_usage(out, usage, m_dialect, m_parts);
    }
    return out.append(m_style.chunk).append("}");
  }

 private:
  void end_chunk(Frames& out, const Usage& usage, bool with_usage) {
    out.bytes.append(m_style.chunk);
    if (with_usage) {
      out.bytes.append(",");
      openai::append_usage(out.bytes, usage, m_dialect, m_parts);
    }
    out.bytes.append("}");
    m_sse.end(out.bytes);
  }

  Dialect m_dialect;
  Style m_style;
  UsagePlacement m_usage;
  UsageParts m_parts;
  ReasoningField m_reasoning_field;
  bool m_trailing_usage;
  bool m_stamp;
  std::uint64_t m_number;
  SseWriter m_sse;
  std::string m_completion;  ///< how the body of an answer that is not streamed begins
  std::string m_chunk;       ///< how an event begins, up to the choices
  std::string m_delta;       ///< the same, up to the members of the delta
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<ChatRenderer>(ask, behaviour, id);
}

std::string render_models(std::string_view model) {
  const json entry{
      {"id", model}, {"object", "model"}, {"created", 0}, {"owned_by", "inferometer-sim"}};
  return to_line({{"object", "list"}, {"data", json::array({entry})}});
}

}  // namespace

WireFormat wire_format() {
  return {.name = "openai-chat",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "api-key",
          .request_id_header = "x-request-id",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = openai::render_error,
          .rate_limit_headers = openai::rate_limit_headers,
          .models_path = "/v1/models",
          .render_models = render_models};
}

}  // namespace inferometer::sim::openai_chat
