#include "sim/api/openai_request.hpp"

#include "sim/http/json.hpp"

namespace inferometer::sim {
namespace {

using nlohmann::json;

base::Result<void> read_model(const json& body, const Call& call, Ask& ask) {
  if (!call.model.empty()) {
    ask.model = call.model;
    return {};
  }
  return read_text(body, "model").map([&ask](std::string model) { ask.model = std::move(model); });
}

base::Result<void> read_stream(const json& body, Ask& ask) {
  return read_flag(body, "stream")
      .and_then([&](bool stream) {
        ask.stream = stream;
        return read_object(body, "stream_options");
      })
      .and_then([&](const json& options) -> base::Result<bool> {
        if (!options.is_null() && !ask.stream) {
          return base::fail("`stream_options` needs `stream` to be true");
        }
        return read_flag(options, "include_usage");
      })
      .map([&ask](bool include_usage) { ask.include_usage = include_usage; });
}

base::Result<void> read_bound(const json& body, const char* name, Ask& ask) {
  return read_count(body, name, 1).map([&ask](std::optional<std::uint64_t> bound) {
    if (bound) {
      ask.max_tokens = bound;
    }
  });
}

base::Result<void> read_extensions(const json& body, Ask& ask) {
  return read_flag(body, "ignore_eos")
      .and_then([&](bool ignore_eos) {
        ask.ignore_eos = ignore_eos;
        return read_count(body, "min_tokens", 0);
      })
      .and_then([&](std::optional<std::uint64_t> least) -> base::Result<void> {
        ask.min_tokens = least.value_or(0);
        if (ask.max_tokens && ask.min_tokens > *ask.max_tokens) {
          return base::fail("`min_tokens` must not exceed `max_tokens`");
        }
        return {};
      });
}

}  // namespace

base::Result<Ask> read_openai_options(const json& body, const Call& call) {
  Ask ask;
  return read_model(body, call, ask)
      .and_then([&] { return read_stream(body, ask); })
      .and_then([&] { return read_bound(body, "max_tokens", ask); })
      .and_then([&] { return read_bound(body, "max_completion_tokens", ask); })
      .and_then([&] { return read_extensions(body, ask); })
      .map([&] { return std::move(ask); });
}

}  // namespace inferometer::sim
