#include "sim/api/wire_format.hpp"
#include "sim/http/framing.hpp"
#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

namespace inferometer::sim::gemini {
namespace {

using nlohmann::json;

constexpr std::array k_routes{
    Route{.pattern = "/v1beta/models/{model}:streamGenerateContent", .streams = true},
    Route{.pattern = "/v1beta/models/{model}:generateContent", .streams = false},
    Route{.pattern = "/v1/models/{model}:streamGenerateContent", .streams = true},
    Route{.pattern = "/v1/models/{model}:generateContent", .streams = false},
    Route{.pattern = "/v1/projects/{project}/locations/{location}/publishers/google/models/"
                     "{model}:streamGenerateContent",
          .streams = true},
    Route{.pattern = "/v1/projects/{project}/locations/{location}/publishers/google/models/"
                     "{model}:generateContent",
          .streams = false},
    Route{.pattern = "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/"
                     "{model}:streamGenerateContent",
          .streams = true},
    Route{.pattern = "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/"
                     "{model}:generateContent",
          .streams = false},
};

/// What a request may have; the API refuses anything else.
constexpr std::array<std::string_view, 12> k_members{
    "contents",         "systemInstruction", "system_instruction",
    "generationConfig", "generation_config", "tools",
    "toolConfig",       "safetySettings",    "cachedContent",
    "labels",           "serviceTier",       "model"};

// ---- requests

base::Result<void> read_content(const json& content, const std::string& where,
                                std::string& prompt) {
  const json& parts = member(content, "parts");
  if (!parts.is_array() || parts.empty() || !append_content(parts, prompt)) {
    return base::fail(
        fmt::format("* GenerateContentRequest.{}.parts: contents.parts must not be "
                    "empty",
                    where));
  }
  return {};
}

base::Result<void> read_contents(const json& body, std::string& prompt) {
  const json& contents = member(body, "contents");
  if (!contents.is_array() || contents.empty()) {
    return base::fail("* GenerateContentRequest.contents: contents is not specified");
  }
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const json& role = member(contents[i], "role");
    if (!role.is_null() && role != "user" && role != "model") {
      return base::fail("Please use a valid role: user, model.");
    }
    base::Result<void> read = read_content(contents[i], fmt::format("contents[{}]", i), prompt);
    if (!read) {
      return read;
    }
  }
  return {};
}

/// The name that `object` has the member under: the API takes those of protocol buffers too.
const char* spelled(const json& object, const char* name, const char* original) {
  return member(object, name).is_null() ? original : name;
}

base::Result<void> read_prompt(const json& body, Ask& ask) {
  std::string prompt;
  const char* const name = spelled(body, "systemInstruction", "system_instruction");
  const json& instruction = member(body, name);
  if (!instruction.is_null()) {
    if (base::Result<void> read = read_content(instruction, name, prompt); !read) {
      return read;
    }
  }
  return read_contents(body, prompt).map([&] { set_prompt(ask, std::move(prompt)); });
}

base::Result<void> read_config(const json& body, Ask& ask) {
  json config;
  return read_object(body, spelled(body, "generationConfig", "generation_config"))
      .and_then([&](json value) {
        config = std::move(value);
        return read_count(config, spelled(config, "maxOutputTokens", "max_output_tokens"), 1);
      })
      .and_then([&](std::optional<std::uint64_t> bound) {
        ask.max_tokens = bound;
        return read_object(config, spelled(config, "thinkingConfig", "thinking_config"));
      })
      .and_then([](const json& thinking) {
        return read_flag(thinking, spelled(thinking, "includeThoughts", "include_thoughts"));
      })
      .map([&](bool shown) { ask.include_reasoning = shown; });
}

/// Whether the query has the field `alt=sse`.
bool asks_for_events(std::string_view query) {
  return fmt::format("&{}&", query).find("&alt=sse&") != std::string::npos;
}

base::Result<Ask> parse(const Call& call) {
  Ask ask{.model = call.model, .stream = call.route.streams.value_or(false)};
  if (ask.stream && !asks_for_events(call.request.query)) {
    return base::fail("the simulator streams server-sent events only: add alt=sse to the query");
  }
  json body;
  return parse_json_object(call.request.body)
      .and_then([&](json parsed) -> base::Result<void> {
        body = std::move(parsed);
        const std::string unknown = find_unknown(body, k_members);
        if (!unknown.empty()) {
          return base::fail(fmt::format(
              "Invalid JSON payload received. Unknown name \"{}\": Cannot find field.", unknown));
        }
        return read_config(body, ask);
      })
      .and_then([&] { return read_prompt(body, ask); })
      .map([&] { return std::move(ask); });
}

// ---- errors

struct ErrorRow {
  int status;
  std::string_view name;
  std::string_view message;
};

ErrorRow describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "INVALID_ARGUMENT", "Request contains an invalid argument."};
    case ErrorKind::authentication:
      return {400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."};
    case ErrorKind::permission:
      return {403, "PERMISSION_DENIED", "The caller does not have permission"};
    case ErrorKind::not_found:
      return {404, "NOT_FOUND", "the model is not found for API version v1beta"};
    case ErrorKind::rate_limit:
      return {429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."};
    case ErrorKind::quota:
      return {429, "RESOURCE_EXHAUSTED",
              "You exceeded your current quota, please check your plan and billing details."};
    case ErrorKind::context_length:
      return {400, "INVALID_ARGUMENT", ""};
    case ErrorKind::server_error:
      return {500, "INTERNAL", "An internal error has occurred."};
    case ErrorKind::overloaded:
      return {503, "UNAVAILABLE", "The model is overloaded. Please try again later."};
  }
  return {};
}

/// The name that goes with a status which is not the error's own.
std::string_view name_of(int status, std::string_view otherwise) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 500:
      return "INTERNAL";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return otherwise;
  }
}

std::string message_of(const ApiError& error) {
  if (!error.message.empty()) {
    return std::string(error.message);
  }
  return error.kind == ErrorKind::context_length
             ? fmt::format(
                   "The input token count ({}) exceeds the maximum number of tokens "
                   "allowed ({}).",
                   error.prompt_tokens, error.context_window)
             : std::string(describe(error.kind).message);
}

/// The one detail of the errors that have such.
json detail_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::authentication:
      return {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
              {"reason", "API_KEY_INVALID"},
              {"domain", "googleapis.com"}};
    case ErrorKind::rate_limit:
      return {{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "1.5s"}};
    case ErrorKind::quota:
      return {{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
              {"violations",
               {{{"quotaMetric",
                  "generativelanguage.googleapis.com/generate_content_free_tier_requests"},
                 {"quotaId", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}}}}};
    case ErrorKind::invalid_request:
    case ErrorKind::permission:
    case ErrorKind::not_found:
    case ErrorKind::context_length:
    case ErrorKind::server_error:
    case ErrorKind::overloaded:
      break;
  }
  return {};
}

/// Without a status of its own a wrong key is an invalid argument.
json error_object(const ApiError& error) {
  const ErrorRow row = describe(error.kind);
  const int status = error.status > 0 ? error.status : row.status;
  json object{{"code", status},
              {"message", message_of(error)},
              {"status", status == row.status ? row.name : name_of(status, row.name)}};
  if (json detail = detail_of(error.kind); !detail.is_null()) {
    object["details"] = json::array({std::move(detail)});
  }
  return {{"error", std::move(object)}};
}

http::Response render_error(const ApiError& error) {
  return {.status = error.status > 0 ? error.status : describe(error.kind).status,
          .content_type = "application/json; charset=UTF-8",
          .headers = {},
          .body = to_line(error_object(error))};
}

// ---- answers

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "STOP";
    case FinishReason::length:
      return "MAX_TOKENS";
    case FinishReason::content_filter:
      return "SAFETY";
  }
  return "";
}

void append_count(std::string& out, std::string_view name, std::uint64_t count) {
  if (count > 0) {
    fmt::format_to(std::back_inserter(out), R"("{}": {},)", name, count);
  }
}

/// A figure of zero is left out; the candidates do not include the thoughts.
void append_usage(std::string& out, const Usage& usage, UsageDetails details) {
  out.append(R"("usageMetadata": {)");
  append_count(out, "promptTokenCount", usage.prompt_tokens);
  append_count(out, "candidatesTokenCount", usage.completion_tokens - usage.reasoning_tokens);
  if (details != UsageDetails::none) {
    append_count(out, "cachedContentTokenCount", usage.cached_prompt_tokens);
    append_count(out, "thoughtsTokenCount", usage.reasoning_tokens);
  }
  fmt::format_to(std::back_inserter(out), R"("totalTokenCount": {}}})",
                 usage.prompt_tokens + usage.completion_tokens);
}

constexpr std::string_view k_candidate = R"({"candidates": [{"content": {"parts": [)";

class GeminiRenderer final : public Renderer {
 public:
  GeminiRenderer(const Ask& ask, const Behaviour& behaviour, AnswerId id)
      : m_show_reasoning(ask.include_reasoning),
        m_stamp(behaviour.stamp),
        m_details(behaviour.usage_details),
        m_sse(behaviour, LineEnding::crlf),
        m_end(fmt::format(R"(,"modelVersion": {},"responseId": "{:016x}"}})", quote(ask.model),
                          id.number)) {}

  void opening(Frames& /*out*/, const Usage& /*usage*/) override {}

  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) override {
    if (kind == TextKind::reasoning && !m_show_reasoning) {
      return;
    }
    m_sse.begin(out.bytes);
    out.bytes.append(k_candidate);
    append_part(out.bytes, kind, text);
    out.bytes.append(R"(],"role": "model"},"index": 0}],)");
    append_usage(out.bytes, usage, m_details);
    if (m_stamp) {
      append_stamp(out);
    }
    out.bytes.append(m_end);
    m_sse.end(out.bytes);
  }

  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    m_sse.begin(out.bytes);
    out.bytes.append(k_candidate);
    append_part(out.bytes, TextKind::content, "");
    append_finish(out.bytes, reason, usage);
    m_sse.end(out.bytes);
  }

  void terminator(Frames& /*out*/) override {}

  void comment(Frames& out) override { m_sse.blank(out.bytes); }

  /// Bare JSON over several lines, which is no event.
  void error(Frames& out, ErrorKind kind) override {
    m_sse.lines(out.bytes, error_object({.kind = kind}).dump(2));
  }

  void malformed(Frames& out) override {
    unfinished(out);
    m_sse.end(out.bytes);
  }

  void unfinished(Frames& out) override {
    m_sse.begin(out.bytes);
    out.bytes.append(k_candidate).append(R"({"text": ")");
  }

  std::string completion(std::string_view content, std::string_view reasoning, FinishReason reason,
                         const Usage& usage) override {
    std::string out(k_candidate);
    if (!reasoning.empty() && m_show_reasoning) {
      append_part(out, TextKind::reasoning, reasoning);
      out.append(",");
    }
    append_part(out, TextKind::content, content);
    append_finish(out, reason, usage);
    return out;
  }

 private:
  static void append_part(std::string& out, TextKind kind, std::string_view text) {
    out.append(R"({"text": ")").append(text);
    out.append(kind == TextKind::reasoning ? R"(","thought": true})" : "\"}");
  }

  void append_finish(std::string& out, FinishReason reason, const Usage& usage) const {
    fmt::format_to(std::back_inserter(out),
                   R"(],"role": "model"}},"finishReason": "{}","index": 0}}],)", to_string(reason));
    append_usage(out, usage, m_details);
    out.append(m_end);
  }

  bool m_show_reasoning;
  bool m_stamp;
  UsageDetails m_details;
  SseWriter m_sse;
  std::string m_end;  ///< how each chunk ends
};

std::unique_ptr<Renderer> make_renderer(const Ask& ask, const Behaviour& behaviour, AnswerId id) {
  return std::make_unique<GeminiRenderer>(ask, behaviour, id);
}

std::string render_models(std::string_view model) {
  const json entry{{"name", fmt::format("models/{}", model)},
                   {"displayName", model},
                   {"supportedGenerationMethods", {"generateContent"}}};
  return to_line({{"models", json::array({entry})}});
}

}  // namespace

WireFormat wire_format() {
  return {.name = "gemini",
          .routes = k_routes,
          .stream_content_type = "text/event-stream",
          .key_header = "x-goog-api-key",
          .parse = parse,
          .make_renderer = make_renderer,
          .render_error = render_error,
          .models_path = "/v1beta/models",
          .render_models = render_models};
}

}  // namespace inferometer::sim::gemini
