#include "measure/measurement.hpp"

namespace inferometer::measure {

std::string_view to_string(StampSource source) {
  switch (source) {
    case StampSource::kernel:
      return "kernel";
    case StampSource::read:
      return "read";
  }
  return "";
}

std::optional<TokenUsage> as_report(const TokenUsage& usage) {
  return usage == TokenUsage{} ? std::nullopt : std::optional(usage);
}

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::tool_calls:
      return "tool_calls";
    case FinishReason::content_filter:
      return "content_filter";
    case FinishReason::error:
      return "error";
  }
  return "";
}

std::string_view to_string(RateLimitResource resource) {
  switch (resource) {
    case RateLimitResource::requests:
      return "requests";
    case RateLimitResource::tokens:
      return "tokens";
    case RateLimitResource::input_tokens:
      return "input_tokens";
    case RateLimitResource::output_tokens:
      return "output_tokens";
    case RateLimitResource::priority_input_tokens:
      return "priority_input_tokens";
    case RateLimitResource::priority_output_tokens:
      return "priority_output_tokens";
  }
  return "";
}

}  // namespace inferometer::measure
