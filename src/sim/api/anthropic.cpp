#include "sim/api/anthropic.hpp"

#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

namespace inferometer::sim {
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
      .and_then(
          [&](Ask ask) { return parse_anthropic_body(call.request.body, std::move(ask), hosted); });
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

http::Response render_error(const ApiError& error) {
  return {.status = error.status > 0 ? error.status : describe(error.kind).status,
          .content_type = "application/json",
          .headers = {},
          .body = anthropic_error_object(error)};
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

}  // namespace

base::Result<Ask> parse_anthropic_body(std::string_view text, Ask ask, bool hosted) {
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

std::string anthropic_error_object(const ApiError& error) {
  return to_line(
      {{"type", "error"},
       {"error", {{"type", describe(error.kind).type}, {"message", message_of(error)}}}});
}

WireFormat anthropic() {
  return {.name = "anthropic",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "x-api-key",
          .request_id_header = "request-id",
          .parse = parse,
          .make_renderer = make_anthropic_renderer,
          .render_error = render_error,
          .rate_limit_headers = rate_limit_headers};
}

}  // namespace inferometer::sim
