#include "sim/api/openai_responses.hpp"

#include "sim/api/openai_error.hpp"
#include "sim/http/json.hpp"

#include <array>
#include <utility>

namespace inferometer::sim {
namespace {

using nlohmann::json;

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

}  // namespace

WireFormat openai_responses() {
  return {.name = "openai-responses",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "api-key",
          .request_id_header = "x-request-id",
          .parse = parse,
          .make_renderer = make_responses_renderer,
          .render_error = render_openai_error,
          .rate_limit_headers = openai_rate_limit_headers};
}

}  // namespace inferometer::sim
