#include "sim/api/wire_format.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

namespace inferometer::sim::ollama {
namespace {

using nlohmann::json;

constexpr std::array k_routes{Route{.pattern = "/api/chat", .streams = {}}};

// ---- requests

/// The bound `options.num_predict`; a negative one is none.
base::Result<void> read_options(const json& body, Ask& ask) {
  return read_object(body, "options").and_then([&ask](const json& options) -> base::Result<void> {
    const json& bound = member(options, "num_predict");
    if (bound.is_number_unsigned()) {
      ask.max_tokens = bound.get<std::uint64_t>();
    } else if (!bound.is_null() && !bound.is_number_integer()) {
      return base::fail("option \"num_predict\" must be of type integer");
    }
    return {};
  });
}

base::Result<void> read_think(const json& body, Ask& ask) {
  const json& think = member(body, "think");
  if (think.is_boolean()) {
    ask.include_reasoning = think.get<bool>();
    return {};
  }
  const bool level = think == "low" || think == "medium" || think == "high" || think == "max";
  if (!think.is_null() && !level) {
    return base::fail(
        "think must be a boolean or string (\"high\", \"medium\", \"low\", true, or "
        "false)");
  }
  return {};
}

base::Result<Ask> parse(const Call& call) {
  Ask ask;
  std::string prompt;
  json body;
  return parse_json_object(call.request.body)
      .and_then([&](json parsed) {
        body = std::move(parsed);
        return read_text(body, "model");
      })
      .and_then([&](std::string model) {
        ask.model = std::move(model);
        return read_flag(body, "stream", true);
      })
      .and_then([&](bool stream) {
        ask.stream = stream;
        return read_messages(body, {}, prompt);
      })
      .and_then([&] { return read_options(body, ask); })
      .and_then([&] { return read_think(body, ask); })
      .map([&] {
        set_prompt(ask, std::move(prompt));
        return std::move(ask);
      });
}

// ---- errors

struct ErrorRow {
  int status;
  std::string_view message;
};

ErrorRow describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "invalid request"};
    case ErrorKind::authentication:
      return {401, "unauthorized"};
    case ErrorKind::permission:
      return {403, "this model requires a subscription"};
    case ErrorKind::not_found:
      return {404, "model not found, try pulling it first"};
    case ErrorKind::rate_limit:
      return {429, "too many requests"};
    case ErrorKind::quota:
      return {429, "you have reached your usage limit"};
    case ErrorKind::context_length:
      return {400, "the input length exceeds the context length"};
    case ErrorKind::server_error:
      return {500, "llama runner process has terminated"};
    case ErrorKind::overloaded:
      return {503, "server busy, please try again.  maximum pending requests exceeded"};
  }
  return {};
}

std::string error_line(const ApiError& error) {
  return to_line({{"error", error.message.empty() ? describe(error.kind).message : error.message}});
}

http::Response render_error(const ApiError& error) {
  return {.status = error.status > 0 ? error.status : describe(error.kind).status,
          .content_type = "application/json; charset=utf-8",
          .headers = {},
          .body = error_line(error)};
}

// ---- answers

/// The API has no reason for what it filters, as nothing is filtered.
std::string_view to_string(FinishReason reason) {
  return reason == FinishReason::length ? "length" : "stop";
}

class OllamaRenderer final : public Renderer {
 public:
  OllamaRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_show_reasoning(ask.include_reasoning),
        m_stamp(behaviour.stamp),
        m_line_end(behaviour.fault == Fault::trailing_spaces ? "   \n" : "\n"),
        m_line(fmt::format(
            R"({{"model":{},"created_at":"{}","message":{{"role":"assistant","content":")",
            quote(ask.model), rfc3339(id.created))) {}

  void opening(Frames& /*out*/, const Usage& /*usage*/) override {}

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& /*usage*/) override {
    if (kind == TextKind::reasoning && !m_show_reasoning) {
      return;
    }
    out.bytes.append(m_line);
    if (kind == TextKind::reasoning) {
      out.bytes.append(R"(","thinking":")");
    }
    out.bytes.append(text).append(R"("},"done":false)");
    if (m_stamp) {
      append_stamp(out);
    }
    out.bytes.append("}").append(m_line_end);
  }

  void finish(Frames& /*out*/, FinishReason reason, const Usage& usage) override {
    m_reason = reason;
    m_usage = usage;
  }

  void terminator(Frames& out) override {
    out.bytes.append(m_line).append("\"}");
    append_end(out.bytes, m_reason, m_usage);
    out.bytes.append(m_line_end);
  }

  void comment(Frames& /*out*/) override {}

  void error(Frames& out, ErrorKind kind) override {
    out.bytes.append(error_line({.kind = kind})).append(m_line_end);
  }

  void malformed(Frames& out) override { out.bytes.append(m_line).append(m_line_end); }

  void unfinished(Frames& out) override { out.bytes.append(m_line); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = m_line;
    out.append(content);
    if (!reasoning.empty() && m_show_reasoning) {
      out.append(R"(","thinking":")").append(reasoning);
    }
    out.append("\"}");
    append_end(out, reason, usage);
    return out;
  }

 private:
  /// What follows the message of the last object. The durations, in nanoseconds, are made up, and a
  /// figure of zero is left out.
  static void append_end(std::string& out, FinishReason reason, const Usage& usage) {
    const auto append = std::back_inserter(out);
    fmt::format_to(append,
                   R"(,"done":true,"done_reason":"{}","total_duration":3000000,)"
                   R"("load_duration":1000000)",
                   to_string(reason));
    if (usage.prompt_tokens > 0) {
      fmt::format_to(append, R"(,"prompt_eval_count":{},"prompt_eval_duration":1000000)",
                     usage.prompt_tokens);
    }
    if (usage.completion_tokens > 0) {
      fmt::format_to(append, R"(,"eval_count":{},"eval_duration":1000000)",
                     usage.completion_tokens);
    }
    out.append("}");
  }

  bool m_show_reasoning;
  bool m_stamp;
  std::string_view m_line_end;
  std::string m_line;  ///< how each line begins, up to the text
  FinishReason m_reason = FinishReason::stop;
  Usage m_usage;
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<OllamaRenderer>(ask, behaviour, id);
}

std::string render_models(std::string_view model) {
  const json entry{{"name", model}, {"model", model},  {"modified_at", rfc3339(0)},
                   {"size", 0},     {"digest", "sim"}, {"details", json::object()}};
  return to_line({{"models", json::array({entry})}});
}

}  // namespace

WireFormat wire_format() {
  return {.name = "ollama",
          .routes = k_routes,
          .stream_content_type = "application/x-ndjson",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = render_error,
          .models_path = "/api/tags",
          .render_models = render_models};
}

}  // namespace inferometer::sim::ollama
