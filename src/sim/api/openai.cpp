#include "sim/api/openai.hpp"

#include "sim/http/json.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace inferometer::sim::openai {
namespace {

using nlohmann::json;

// ---- requests

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

// ---- errors and limits

/// One kind of error as OpenAI names it.
struct Row {
  int status;
  std::string_view type;
  std::string_view code;  ///< empty: null
  std::string_view message;
};

Row describe(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {400, "invalid_request_error", "", "the request is invalid"};
    case ErrorKind::authentication:
      return {401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."};
    case ErrorKind::permission:
      return {403, "permission_error", "permission_denied",
              "You are not allowed to use this model."};
    case ErrorKind::not_found:
      return {404, "invalid_request_error", "not_found", "The model does not exist."};
    case ErrorKind::rate_limit:
      return {429, "rate_limit_error", "rate_limit_exceeded",
              "Rate limit reached. Please try again later."};
    case ErrorKind::quota:
      return {429, "insufficient_quota", "insufficient_quota",
              "You exceeded your current quota, please check your plan and billing details."};
    case ErrorKind::context_length:
      return {400, "invalid_request_error", "context_length_exceeded", ""};
    case ErrorKind::server_error:
      return {500, "server_error", "server_error",
              "The server had an error while processing your request."};
    case ErrorKind::overloaded:
      return {503, "overloaded_error", "server_is_overloaded",
              "The server is overloaded. Slow Down."};
  }
  return {};
}

/// The type of the error in the dialects that have names of their own.
struct OtherTypes {
  std::string_view vllm;  ///< SGLang's as well
  std::string_view llamacpp;
  std::string_view tgi;
};

OtherTypes other_types(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {"BadRequestError", "invalid_request_error", "validation"};
    case ErrorKind::authentication:
      return {"AuthenticationError", "authentication_error", "validation"};
    case ErrorKind::permission:
      return {"PermissionDeniedError", "permission_error", "validation"};
    case ErrorKind::not_found:
      return {"NotFoundError", "not_found_error", "validation"};
    case ErrorKind::rate_limit:
    case ErrorKind::quota:
      return {"RateLimitError", "unavailable_error", "overloaded"};
    case ErrorKind::context_length:
      return {"BadRequestError", "exceed_context_size_error", "validation"};
    case ErrorKind::server_error:
      return {"InternalServerError", "server_error", "generation"};
    case ErrorKind::overloaded:
      return {"ServiceUnavailableError", "unavailable_error", "overloaded"};
  }
  return {};
}

/// The status where a dialect has another than OpenAI.
int own_status(const ApiError& error) {
  if (error.dialect == Dialect::tgi) {
    switch (error.kind) {
      case ErrorKind::invalid_request:
      case ErrorKind::context_length:
        return 422;
      case ErrorKind::server_error:
        return 424;
      case ErrorKind::overloaded:
        return 429;
      case ErrorKind::authentication:
      case ErrorKind::permission:
      case ErrorKind::not_found:
      case ErrorKind::rate_limit:
      case ErrorKind::quota:
        break;
    }
  }
  const bool prepaid = error.dialect == Dialect::deepseek || error.dialect == Dialect::openrouter;
  return prepaid && error.kind == ErrorKind::quota ? 402 : describe(error.kind).status;
}

int status_of(const ApiError& error) {
  return error.status > 0 ? error.status : own_status(error);
}

std::string context_message(const ApiError& error) {
  switch (error.dialect) {
    case Dialect::sglang:
      return fmt::format(
          "The input ({} tokens) is longer than the model's context length ({} tokens).",
          error.prompt_tokens, error.context_window);
    case Dialect::tgi:
      return fmt::format("`inputs` tokens + `max_new_tokens` must be <= {}. Given: {} tokens",
                         error.context_window, error.prompt_tokens);
    case Dialect::llamacpp:
      return fmt::format(
          "request ({} tokens) exceeds the available context size ({} tokens), try increasing it",
          error.prompt_tokens, error.context_window);
    case Dialect::groq:
      return "Please reduce the length of the messages or completion.";
    case Dialect::openai:
    case Dialect::azure:
    case Dialect::vllm:
    case Dialect::deepseek:
    case Dialect::openrouter:
      break;
  }
  return fmt::format(
      "This model's maximum context length is {} tokens. However, your messages resulted in {} "
      "tokens. Please reduce the length of the messages.",
      error.context_window, error.prompt_tokens);
}

json openai_object(const ApiError& error) {
  const Row row = describe(error.kind);
  json code = row.code.empty() ? json() : json(row.code);
  if (error.dialect == Dialect::azure && error.kind == ErrorKind::rate_limit) {
    code = fmt::to_string(status_of(error));
  }
  return {{"message", error_message(error)},
          {"type", row.type},
          {"param", nullptr},
          {"code", std::move(code)}};
}

json vllm_object(const ApiError& error) {
  return {{"message", error_message(error)},
          {"type", other_types(error.kind).vllm},
          {"param", nullptr},
          {"code", status_of(error)}};
}

json sglang_object(const ApiError& error) {
  json object = vllm_object(error);
  object["object"] = "error";
  return object;
}

json llamacpp_object(const ApiError& error) {
  json object{{"code", status_of(error)},
              {"message", error_message(error)},
              {"type", other_types(error.kind).llamacpp}};
  if (error.kind == ErrorKind::context_length) {
    object["n_prompt_tokens"] = error.prompt_tokens;
    object["n_ctx"] = error.context_window;
  }
  return object;
}

json body(const ApiError& error) {
  switch (error.dialect) {
    case Dialect::openai:
    case Dialect::azure:
    case Dialect::deepseek:
    case Dialect::groq:
      return {{"error", openai_object(error)}};
    case Dialect::vllm:
      return {{"error", vllm_object(error)}};
    case Dialect::sglang:
      return sglang_object(error);
    case Dialect::llamacpp:
      return {{"error", llamacpp_object(error)}};
    case Dialect::tgi:
      return {{"error", error_message(error)}, {"error_type", other_types(error.kind).tgi}};
    case Dialect::openrouter:
      return {{"error",
               {{"code", status_of(error)},
                {"message", error_message(error)},
                {"metadata", {{"provider_name", "sim"}}}}},
              {"user_id", "user_sim"}};
  }
  return {};
}

/// As Go writes a duration: `0s`, `850ms`, `7.66s`, `6m0s`, `1h2m3s`.
std::string go_duration(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms > 0 && ms < 1000) {
    return fmt::format("{}ms", ms);
  }
  const auto minutes = ms / 60'000;
  std::string seconds = fmt::format("{}s", static_cast<double>(ms % 60'000) / 1000);
  if (minutes == 0) {
    return seconds;
  }
  const std::string rest = fmt::format("{}m{}", minutes % 60, seconds);
  return minutes < 60 ? rest : fmt::format("{}h{}", minutes / 60, rest);
}

std::string reset_text(Duration reset, Dialect dialect) {
  return dialect == Dialect::azure
             ? fmt::to_string(std::chrono::ceil<std::chrono::seconds>(reset).count())
             : go_duration(reset);
}

}  // namespace

base::Result<Ask> read_options(const json& body, const Call& call) {
  Ask ask;
  return read_model(body, call, ask)
      .and_then([&] { return read_stream(body, ask); })
      .and_then([&] { return read_bound(body, "max_tokens", ask); })
      .and_then([&] { return read_bound(body, "max_completion_tokens", ask); })
      .and_then([&] { return read_extensions(body, ask); })
      .map([&] { return std::move(ask); });
}

void append_usage(std::string& out, const Usage& usage, Dialect dialect, UsageParts parts) {
  const auto append = std::back_inserter(out);
  fmt::format_to(append, R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{})",
                 usage.prompt_tokens, usage.completion_tokens,
                 usage.prompt_tokens + usage.completion_tokens);
  if (parts.cached_input) {
    fmt::format_to(append, R"(,"prompt_tokens_details":{{"cached_tokens":{}}})",
                   usage.cached_prompt_tokens);
  }
  if (parts.reasoning && dialect == Dialect::sglang) {
    fmt::format_to(append, R"(,"reasoning_tokens":{})", usage.reasoning_tokens);
  } else if (parts.reasoning) {
    fmt::format_to(append, R"(,"completion_tokens_details":{{"reasoning_tokens":{}}})",
                   usage.reasoning_tokens);
  }
  if (parts.cached_input && dialect == Dialect::deepseek) {
    fmt::format_to(append, R"(,"prompt_cache_hit_tokens":{},"prompt_cache_miss_tokens":{})",
                   usage.cached_prompt_tokens, usage.prompt_tokens - usage.cached_prompt_tokens);
  }
  out.append("}");
}

std::string_view finish_reason(FinishReason reason) {
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

http::Response render_error(const ApiError& error) {
  return {.status = status_of(error),
          .content_type = "application/json",
          .headers = {},
          .body = to_line(body(error))};
}

std::string error_event(const ApiError& error) {
  switch (error.dialect) {
    case Dialect::sglang:
      return to_line({{"error", sglang_object(error)}});
    case Dialect::tgi:
      return to_line({{"error", {{"message", error_message(error)}, {"http_status_code", 422}}}});
    case Dialect::groq: {
      json object = openai_object(error);
      object["status_code"] = status_of(error);
      return to_line({{"error", std::move(object)}});
    }
    case Dialect::openai:
    case Dialect::azure:
    case Dialect::vllm:
    case Dialect::llamacpp:
    case Dialect::deepseek:
    case Dialect::openrouter:
      break;
  }
  return to_line(body(error));
}

std::vector<http::Header> rate_limit_headers(const Limits& limits, Dialect dialect,
                                             base::WallTime /*now*/) {
  std::vector<http::Header> headers;
  for (const auto& [resource, limit] :
       {std::pair("requests", &limits.requests), std::pair("tokens", &limits.tokens)}) {
    headers.emplace_back(fmt::format("x-ratelimit-limit-{}", resource),
                         fmt::to_string(limit->limit));
    headers.emplace_back(fmt::format("x-ratelimit-remaining-{}", resource),
                         fmt::to_string(limit->remaining));
    headers.emplace_back(fmt::format("x-ratelimit-reset-{}", resource),
                         reset_text(limit->reset, dialect));
  }
  return headers;
}

std::string_view error_code(ErrorKind kind) {
  return describe(kind).code;
}

std::string error_message(const ApiError& error) {
  if (!error.message.empty()) {
    return std::string(error.message);
  }
  return error.kind == ErrorKind::context_length ? context_message(error)
                                                 : std::string(describe(error.kind).message);
}

}  // namespace inferometer::sim::openai
