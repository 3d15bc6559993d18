#include "sim/openai_chat.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace inferometer::sim {
namespace {

using nlohmann::json;

// ---- requests

/// Deeper values are dropped: no member that counts is that deep, and a tree of 16 MiB of brackets
/// would take gigabytes.
constexpr int k_deepest = 16;
constexpr std::uint64_t k_bytes_per_token = 4;

/// Counts the bytes of one message's text; false if the content has no valid shape.
bool add_text_bytes(const json& content, std::uint64_t& bytes) {
  if (content.is_null()) {
    return true;
  }
  if (content.is_string()) {
    bytes += content.get_ref<const std::string&>().size();
    return true;
  }
  if (!content.is_array()) {
    return false;
  }
  for (const json& part : content) {
    if (!part.is_object()) {
      return false;
    }
    const auto text = part.find("text");
    if (text != part.end() && text->is_string()) {
      bytes += text->get_ref<const std::string&>().size();
    }
  }
  return true;
}

base::Result<std::uint64_t> count_prompt_tokens(const json& body) {
  const auto messages = body.find("messages");
  if (messages == body.end() || !messages->is_array() || messages->empty()) {
    return base::fail("you must provide `messages`, an array that is not empty");
  }
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const json& message = (*messages)[i];
    if (!message.is_object() || !message.contains("role") || !message["role"].is_string()) {
      return base::fail(fmt::format("`messages[{}]` must be an object with a `role`", i));
    }
    const auto content = message.find("content");
    if (content != message.end() && !add_text_bytes(*content, bytes)) {
      return base::fail(
          fmt::format("`messages[{}].content` must be a string or an array of parts", i));
    }
  }
  return (bytes + k_bytes_per_token - 1) / k_bytes_per_token;
}

/// The member `name` as a boolean; false if it is missing or null.
base::Result<bool> read_flag(const json& object, const char* name) {
  const json value = object.value(name, json());
  if (value.is_null()) {
    return false;
  }
  if (!value.is_boolean()) {
    return base::fail(fmt::format("`{}` must be a boolean", name));
  }
  return value.get<bool>();
}

/// Reads the bound `name` into `ask` unless it is missing or null.
base::Result<void> read_max_tokens(const json& body, const char* name, Ask& ask) {
  const json value = body.value(name, json());
  if (value.is_null()) {
    return {};
  }
  if (!value.is_number_unsigned() || value == 0U) {
    return base::fail(fmt::format("`{}` must be an integer of at least 1", name));
  }
  ask.max_tokens = value.get<std::uint64_t>();
  return {};
}

base::Result<void> read_stream_options(const json& body, Ask& ask) {
  const json options = body.value("stream_options", json());
  if (options.is_null()) {
    return {};
  }
  if (!options.is_object() || !ask.stream) {
    return base::fail("`stream_options` must be an object, and `stream` must be true with it");
  }
  return read_flag(options, "include_usage").map([&ask](bool flag) { ask.include_usage = flag; });
}

base::Result<Ask> parse(std::string_view text) {
  const json body = json::parse(
      text, [](int depth, json::parse_event_t, const json&) { return depth <= k_deepest; }, false);
  if (!body.is_object()) {
    return base::fail("we could not parse the JSON body of your request: send one JSON object");
  }
  Ask ask;
  const auto model = body.find("model");
  if (model != body.end() && model->is_string()) {
    ask.model = model->get<std::string>();
  }
  if (ask.model.empty()) {
    return base::fail("you must provide a `model`, a string");
  }
  return count_prompt_tokens(body)
      .and_then([&](std::uint64_t tokens) {
        ask.prompt_tokens = tokens;
        return read_flag(body, "stream");
      })
      .and_then([&](bool stream) {
        ask.stream = stream;
        return read_stream_options(body, ask);
      })
      .and_then([&] { return read_max_tokens(body, "max_tokens", ask); })
      // The newer name wins where both are given, as with vLLM.
      .and_then([&] { return read_max_tokens(body, "max_completion_tokens", ask); })
      .map([&] { return ask; });
}

// ---- errors

struct ErrorRow {
  std::string_view type;
  std::string_view code;  ///< empty: null
};

ErrorRow describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {"invalid_request_error", ""};
    case ErrorKind::authentication:
      return {"invalid_request_error", "invalid_api_key"};
    case ErrorKind::permission:
      return {"permission_error", "permission_denied"};
    case ErrorKind::not_found:
      return {"invalid_request_error", "not_found"};
    case ErrorKind::rate_limit:
      return {"rate_limit_error", "rate_limit_exceeded"};
    case ErrorKind::quota:
      return {"insufficient_quota", "insufficient_quota"};
    case ErrorKind::context_length:
      return {"invalid_request_error", "context_length_exceeded"};
    case ErrorKind::server_error:
      return {"server_error", "server_error"};
    case ErrorKind::overloaded:
      return {"overloaded_error", "server_is_overloaded"};
  }
  return {};
}

std::string render_error(ErrorKind kind, std::string_view message) {
  const ErrorRow row = describe(kind);
  const json error{{"message", message},
                   {"type", row.type},
                   {"param", nullptr},
                   {"code", row.code.empty() ? json() : json(row.code)}};
  // A message may quote what the client sent, which need not be UTF-8.
  return json{{"error", error}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

// ---- answers

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::content_filter:
      return "content_filter";
  }
  return "";
}

std::string_view line_end(LineEnding ending) {
  switch (ending) {
    case LineEnding::lf:
      return "\n";
    case LineEnding::crlf:
      return "\r\n";
    case LineEnding::cr:
      return "\r";
  }
  return "";
}

void append_usage(std::string& out, const Usage& usage) {
  fmt::format_to(std::back_inserter(out),
                 R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{})",
                 usage.prompt_tokens, usage.completion_tokens,
                 usage.prompt_tokens + usage.completion_tokens);
  if (usage.reasoning_tokens > 0) {
    fmt::format_to(std::back_inserter(out),
                   R"(,"completion_tokens_details":{{"reasoning_tokens":{}}})",
                   usage.reasoning_tokens);
  }
  out.append("}");
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
      : m_usage(behaviour.usage),
        m_reasoning_field(behaviour.reasoning_field),
        m_trailing_usage(behaviour.usage == UsagePlacement::trailing && ask.include_usage),
        m_stamp(behaviour.stamp),
        m_line_end(line_end(behaviour.line_ending)) {
    const auto identify = [&](std::string_view object) {
      return fmt::format(R"({{"id":"chatcmpl-{:016x}","object":"{}","created":{},"model":{},)",
                         id.number, object, id.created, json(ask.model).dump());
    };
    m_completion = identify("chat.completion");
    m_chunk = "data: " + identify("chat.completion.chunk") + R"("choices":[)";
    m_delta = m_chunk + R"({"index":0,"delta":{)";
    const bool spaces = behaviour.fault == Fault::trailing_spaces;
    m_event_end = fmt::format("{0}{1}{1}", spaces ? "   " : "", m_line_end);
  }

  void opening(Frames& out, const Usage& usage) override {
    out.bytes.append(m_delta).append(R"("role":"assistant","content":""},"finish_reason":null}])");
    end_chunk(out, usage, m_usage == UsagePlacement::every);
  }

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) override {
    out.bytes.append(m_delta);
    append_text(out.bytes, kind, m_reasoning_field, text);
    out.bytes.append(R"(},"finish_reason":null}])");
    if (m_stamp) {
      out.bytes.append(R"(,"sim_sent_ns":")");
      out.stamps.push_back(out.bytes.size());
      out.bytes.append(k_stamp_width, '0').append("\"");
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    out.bytes.append(m_delta).append(R"(},"finish_reason":")").append(to_string(reason));
    out.bytes.append(R"("}])");
    if (m_usage == UsagePlacement::x_groq) {
      out.bytes.append(R"(,"x_groq":{)");
      append_usage(out.bytes, usage);
      out.bytes.append("}");
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every || m_usage == UsagePlacement::finish);
    if (m_trailing_usage) {
      out.bytes.append(m_chunk).append("]");
      end_chunk(out, usage, true);
    }
    if (m_usage == UsagePlacement::trailing_choice) {
      out.bytes.append(m_delta).append(R"("content":""},"finish_reason":null}])");
      end_chunk(out, usage, true);
    }
  }

  void terminator(Frames& out) override { out.bytes.append("data: [DONE]").append(m_event_end); }

  void comment(Frames& out) override {
    out.bytes.append(": keep-alive").append(m_line_end).append(m_line_end);
  }

  void error(Frames& out, ErrorKind kind) override {
    out.bytes.append("data: ").append(render_error(kind, "the simulator was told to fail here"));
    out.bytes.append(m_event_end);
  }

  void malformed(Frames& out) override {
    out.bytes.append(m_delta).append(R"("content":)").append(m_event_end);
  }

  void unfinished(Frames& out) override { out.bytes.append(m_delta).append(R"("content":")"); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = m_completion + R"("choices":[{"index":0,"message":{"role":"assistant",)";
    append_text(out, TextKind::content, m_reasoning_field, content);
    if (!reasoning.empty()) {
      out.append(",");
      append_text(out, TextKind::reasoning, m_reasoning_field, reasoning);
    }
    out.append(R"(},"finish_reason":")").append(to_string(reason)).append(R"("}])");
    if (m_usage != UsagePlacement::none) {
      out.append(",");
      append_usage(out, usage);
    }
    return out.append("}");
  }

 private:
  void end_chunk(Frames& out, const Usage& usage, bool with_usage) {
    if (with_usage) {
      out.bytes.append(",");
      append_usage(out.bytes, usage);
    }
    out.bytes.append("}").append(m_event_end);
  }

  UsagePlacement m_usage;
  ReasoningField m_reasoning_field;
  bool m_trailing_usage;
  bool m_stamp;
  std::string_view m_line_end;
  std::string m_completion;  ///< how the body of an answer that is not streamed begins
  std::string m_chunk;       ///< how an event begins, up to the choices
  std::string m_delta;       ///< the same, up to the members of the delta
  std::string m_event_end;
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<ChatRenderer>(ask, behaviour, id);
}

}  // namespace

WireFormat openai_chat() {
  return {.name = "openai-chat",
          .path = "/v1/chat/completions",
          .stream_content_type = "text/event-stream; charset=utf-8",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = render_error};
}

std::string render_openai_models(std::string_view model) {
  const json entry{
      {"id", model}, {"object", "model"}, {"created", 0}, {"owned_by", "inferometer-sim"}};
  return json{{"object", "list"}, {"data", json::array({entry})}}.dump();
}

}  // namespace inferometer::sim
