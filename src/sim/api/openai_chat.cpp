#include "sim/api/openai_chat.hpp"

#include "sim/api/openai_error.hpp"
#include "sim/api/openai_request.hpp"
#include "sim/http/json.hpp"

#include <array>
#include <utility>

namespace inferometer::sim {
namespace {

using nlohmann::json;

/// The second is Azure's, whose deployment has its model.
constexpr std::array k_routes{
    Route{.pattern = "/v1/chat/completions", .streams = {}},
    Route{.pattern = "/openai/deployments/{model}/chat/completions", .streams = {}},
};

base::Result<Ask> parse(const Call& call) {
  return parse_json_object(call.request.body).and_then([&](const json& body) {
    return read_openai_options(body, call).and_then([&body](Ask ask) {
      std::string prompt;
      return read_messages(body, {}, prompt).map([&] {
        set_prompt(ask, std::move(prompt));
        return std::move(ask);
      });
    });
  });
}

std::string render_models(std::string_view model) {
  const json entry{
      {"id", model}, {"object", "model"}, {"created", 0}, {"owned_by", "inferometer-sim"}};
  return to_line({{"object", "list"}, {"data", json::array({entry})}});
}

}  // namespace

WireFormat openai_chat() {
  return {.name = "openai-chat",
          .routes = k_routes,
          .stream_content_type = "text/event-stream; charset=utf-8",
          .key_header = "api-key",
          .request_id_header = "x-request-id",
          .parse = parse,
          .make_renderer = make_chat_renderer,
          .render_error = render_openai_error,
          .rate_limit_headers = openai_rate_limit_headers,
          .models_path = "/v1/models",
          .render_models = render_models};
}

}  // namespace inferometer::sim
