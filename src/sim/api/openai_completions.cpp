#include "sim/api/openai.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace inferometer::sim::openai_completions {
namespace {

using nlohmann::json;

constexpr std::array k_routes{
    Route{.pattern = "/v1/completions", .streams = {}},
    Route{.pattern = "/openai/deployments/{model}/completions", .streams = {}},
};

/// What the API takes where a request sets no bound.
constexpr std::uint64_t k_usual_max_tokens = 16;

/// How many bytes stand for a token that is given by its number, whose text only a real model
/// knows.
constexpr std::size_t k_bytes_of_token_id = 4;

/// Appends a prompt: a text, or a list of texts, of token numbers or of such lists.
bool append_prompt(const json& value, std::string& prompt, bool nested = false) {
  if (value.is_string()) {
    prompt.append(value.get_ref<const std::string&>());
    return true;
  }
  if (!value.is_array() || value.empty()) {
    return false;
  }
  for (const json& element : value) {
    if (element.is_number_unsigned()) {
      prompt.append(fmt::format("{:0{}x}", element.get<std::uint64_t>(), k_bytes_of_token_id), 0,
                    k_bytes_of_token_id);
    } else if (nested || !append_prompt(element, prompt, true)) {
      return false;
    }
  }
  return true;
}

base::Result<Ask> parse(const Call& call) {
  return parse_json_object(call.request.body).and_then([&](const json& body) {
    return openai::read_options(body, call).and_then([&body](Ask ask) -> base::Result<Ask> {
      std::string prompt;
      if (!append_prompt(member(body, "prompt"), prompt)) {
        return base::fail("you must provide a `prompt`, a string or an array");
      }
      set_prompt(ask, std::move(prompt));
      ask.max_tokens = ask.max_tokens.value_or(k_usual_max_tokens);
      return ask;
    });
  });
}

class CompletionsRenderer final : public Renderer {
 public:
  CompletionsRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_dialect(behaviour.dialect),
        m_usage(behaviour.usage),
        m_parts(usage_parts(behaviour)),
        m_trailing_usage(behaviour.usage == UsagePlacement::trailing && ask.include_usage),
        m_stamp(behaviour.stamp),
        // TGI's empty string in place of null.
        m_no_reason(behaviour.dialect == Dialect::tgi ? R"("")" : "null"),
        m_sse(behaviour),
        m_completion(fmt::format(
            R"({{"id":"cmpl-{:016x}","object":"text_completion","created":{},"model":{},"choices":[)",
            id.number, id.created, quote(ask.model))) {
    m_sse.begin(m_chunk);
    m_chunk.append(m_completion);
    m_text = m_chunk + R"({"index":0,"text":")";
  }

  void opening(Frames& /*out*/, const Usage& /*usage*/) override {}

  void tokens(Frames& out, TextKind /*kind*/, std::string_view text, const Usage& usage) override {
    out.bytes.append(m_text).append(text).append(R"(","logprobs":null,"finish_reason":)");
    out.bytes.append(m_no_reason).append("}]");
    if (m_stamp) {
      append_stamp(out);
    }
    end_chunk(out, usage, m_usage == UsagePlacement::every);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    out.bytes.append(m_text).append(R"(","logprobs":null,"finish_reason":")");
    out.bytes.append(reason_text(reason)).append(R"("}])");
    end_chunk(out, usage, m_usage == UsagePlacement::every || m_usage == UsagePlacement::finish);
    if (m_trailing_usage) {
      out.bytes.append(m_chunk).append("]");
      end_chunk(out, usage, true);
    }
  }

  void terminator(Frames& out) override { m_sse.event(out.bytes, {}, "[DONE]"); }

  void comment(Frames& out) override { m_sse.comment(out.bytes, " keep-alive"); }

  void error(Frames& out, ErrorKind kind) override {
    m_sse.event(out.bytes, {}, openai::error_event({.kind = kind, .dialect = m_dialect}));
  }

  void malformed(Frames& out) override {
    out.bytes.append(m_text);
    m_sse.end(out.bytes);
  }

  void unfinished(Frames& out) override { out.bytes.append(m_text); }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out = m_completion + R"({"index":0,"text":")";
    out.append(reasoning).append(content).append(R"(","logprobs":null,"finish_reason":")");
    out.append(reason_text(reason)).append(R"("}])");
    if (m_usage != UsagePlacement::none) {
      append_usage(out, usage);
    }
    return out.append("}");
  }

 private:
  [[nodiscard]] std::string_view reason_text(FinishReason reason) const {
    return m_dialect == Dialect::tgi && reason == FinishReason::stop
               ? "eos_token"
               : openai::finish_reason(reason);
  }

  void append_usage(std::string& out, const Usage& usage) const {
    out.append(",");
    openai::append_usage(out, usage, m_dialect,
                         {.cached_input = m_parts.cached_input, .reasoning = false});
  }

  void end_chunk(Frames& out, const Usage& usage, bool with_usage) {
    if (with_usage) {
      append_usage(out.bytes, usage);
    }
    out.bytes.append("}");
    m_sse.end(out.bytes);
  }

  Dialect m_dialect;
  UsagePlacement m_usage;
  UsageParts m_parts;
  bool m_trailing_usage;
  bool m_stamp;
  std::string_view m_no_reason;
  SseWriter m_sse;
  std::string m_completion;  ///< how the body of an answer that is not streamed begins
  std::string m_chunk;       ///< how an event begins, up to the choices
  std::string m_text;        ///< the same, up to the text
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<CompletionsRenderer>(ask, behaviour, id);
}

}  // namespace

WireFormat wire_format() {
  return {.name = "openai-completions",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "api-key",
          .request_id_header = "x-request-id",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = openai::render_error,
          .rate_limit_headers = openai::rate_limit_headers};
}

}  // namespace inferometer::sim::openai_completions
