#include "sim/api/openai_usage.hpp"

#include <fmt/format.h>

#include <iterator>

namespace inferometer::sim {

void append_openai_usage(std::string& out, const Usage& usage, Dialect dialect, UsageParts parts) {
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

std::string_view openai_finish_reason(FinishReason reason) {
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

}  // namespace inferometer::sim
