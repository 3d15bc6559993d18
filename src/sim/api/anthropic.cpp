#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

namespace inferometer::sim::anthropic {
namespace {

using nlohmann::json;

constexpr std::array k_routes{
    Route{.pattern = "/v1/messages", .streams = {}},
    Route{.pattern = "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/"
                     "{model}:streamRawPredict",
          .streams = true},
    Route{.pattern = "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/"
                     "{model}:rawPredict",
          .streams = false},
};

constexpr std::array<std::string_view, 2> k_roles{"user", "assistant"};

/// What a request may have; the API refuses anything else.
constexpr std::array<std::string_view, 20> k_members{
    "model",         "messages",      "max_tokens",   "system",         "stream",
    "temperature",   "top_p",         "top_k",        "stop_sequences", "tools",
    "tool_choice",   "metadata",      "service_tier", "thinking",       "output_config",
    "output_format", "cache_control", "container",    "mcp_servers",    "context_management"};

constexpr std::uint64_t k_least_thinking = 1024;

// ---- requests

base::Result<void> check_members(json body, bool hosted) {
  if (hosted) {
    if (!member(body, "anthropic_version").is_string()) {
      return base::fail("anthropic_version: Field required");
    }
    body.erase("anthropic_version");
    body.erase("anthropic_beta");
  }
  const std::string unknown = find_unknown(body, k_members);
  if (!unknown.empty()) {
    return base::fail(fmt::format("{}: Extra inputs are not permitted", unknown));
  }
  return {};
}

base::Result<void> read_thinking(const json& body, Ask& ask) {
  return read_object(body, "thinking").and_then([&ask](const json& thinking) -> base::Result<void> {
    const json& type = member(thinking, "type");
    if (type == "enabled") {
      const json& budget = member(thinking, "budget_tokens");
      if (!budget.is_number_unsigned() || budget < k_least_thinking || budget >= *ask.max_tokens) {
        return base::fail(
            "thinking.enabled.budget_tokens: must be at least 1024 and less than `max_tokens`");
      }
    } else if (!thinking.is_null() && type != "adaptive" && type != "disabled") {
      return base::fail("thinking.type: must be `enabled`, `adaptive` or `disabled`");
    }
    ask.include_reasoning = member(thinking, "display") != "omitted";
    return {};
  });
}

base::Result<void> read_prompt(const json& body, Ask& ask) {
  std::string prompt;
  if (!append_content(member(body, "system"), prompt)) {
    return base::fail("system: must be a string or an array of blocks");
  }
  const MessageRules rules{.roles = k_roles, .content_needed = true};
  return read_messages(body, rules, prompt).map([&] { set_prompt(ask, std::move(prompt)); });
}

base::Result<Ask> parse(const Call& call) {
  const bool hosted = !call.model.empty();
  if (!hosted && call.request.header("anthropic-version").empty()) {
    return base::fail("anthropic-version: header is required");
  }
  return parse_json_object(call.request.body)
      .and_then([&](const json& body) -> base::Result<Ask> {
        Ask ask{.model = call.model};
        const base::Result<bool> stream = read_flag(body, "stream");
        if (!stream) {
          return base::fail(stream.error().message);
        }
        ask.stream = call.route.streams.value_or(*stream);
        if (hosted) {
          return ask;
        }
        return read_text(body, "model").map([&ask](std::string model) {
          ask.model = std::move(model);
          return ask;
        });
      })
      .and_then([&](Ask ask) { return parse_body(call.request.body, std::move(ask), hosted); });
}

// ---- errors and limits

struct ErrorRow {
  int status;
  std::string_view type;
  std::string_view message;
};

ErrorRow describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "invalid_request_error", "the request is invalid"};
    case ErrorKind::authentication:
      return {401, "authentication_error", "invalid x-api-key"};
    case ErrorKind::permission:
      return {403, "permission_error", "Your API key may not use this model."};
    case ErrorKind::not_found:
      return {404, "not_found_error", "the model does not exist"};
    case ErrorKind::rate_limit:
      return {429, "rate_limit_error", "This request would exceed your rate limit."};
    case ErrorKind::quota:
      return {402, "billing_error", "Your credit balance is too low to access the API."};
    case ErrorKind::context_length:
      return {400, "invalid_request_error", ""};
    case ErrorKind::server_error:
      return {500, "api_error", "Internal server error"};
    case ErrorKind::overloaded:
      return {529, "overloaded_error", "Overloaded"};
  }
  return {};
}

std::string message_of(const ApiError& error) {
  if (!error.message.empty()) {
    return std::string(error.message);
  }
  return error.kind == ErrorKind::context_length
             ? fmt::format("prompt is too long: {} tokens > {} maximum", error.prompt_tokens,
                           error.context_window)
             : std::string(describe(error.kind).message);
}

/// Before a stream and in it.
std::string error_object(const ApiError& error) {
  return to_line(
      {{"type", "error"},
       {"error", {{"type", describe(error.kind).type}, {"message", message_of(error)}}}});
}

http::Response render_error(const ApiError& error) {
  return {.status = error.status > 0 ? error.status : describe(error.kind).status,
          .content_type = "application/json",
          .headers = {},
          .body = error_object(error)};
}

std::vector<http::Header> rate_limit_headers(const Limits& limits, Dialect /*dialect*/,
                                             base::WallTime now) {
  std::vector<http::Header> headers;
  for (const auto& [resource, limit] :
       {std::pair("requests", &limits.requests), std::pair("tokens", &limits.tokens),
        std::pair("input-tokens", &limits.tokens), std::pair("output-tokens", &limits.tokens)}) {
    const std::string prefix = fmt::format("anthropic-ratelimit-{}-", resource);
    const auto reset = std::chrono::ceil<std::chrono::seconds>(now + limit->reset);
    headers.emplace_back(prefix + "limit", fmt::to_string(limit->limit));
    headers.emplace_back(prefix + "remaining", fmt::to_string(limit->remaining));
    headers.emplace_back(prefix + "reset", rfc3339(reset.time_since_epoch().count()));
  }
  return headers;
}

// ---- answers

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
    m_sse.event(out.bytes, "error", error_object({.kind = kind}));
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

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<AnthropicRenderer>(ask, behaviour, id);
}

}  // namespace

base::Result<Ask> parse_body(std::string_view text, Ask ask, bool hosted) {
  json body;
  return parse_json_object(text)
      .and_then([&](json parsed) {
        body = std::move(parsed);
        return check_members(body, hosted);
      })
      .and_then([&] { return read_count(body, "max_tokens", 1); })
      .and_then([&](std::optional<std::uint64_t> bound) -> base::Result<void> {
        if (!bound) {
          return base::fail("max_tokens: Field required");
        }
        ask.max_tokens = bound;
        return read_thinking(body, ask);
      })
      .and_then([&] { return read_prompt(body, ask); })
      .map([&] { return std::move(ask); });
}

WireFormat wire_format() {
  return {.name = "anthropic",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "x-api-key",
          .request_id_header = "request-id",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = render_error,
          .rate_limit_headers = rate_limit_headers};
}

}  // namespace inferometer::sim::anthropic
