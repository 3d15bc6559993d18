#pragma once

#include "protocol/answer/api_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inferometer::protocol {

/// Says what the objects of Anthropic's Messages mean, whatever carries them: SSE or Bedrock's
/// frames. An Interpreter as json_decoder.hpp describes it.
class AnthropicInterpreter {
 public:
  [[nodiscard]] static bool knows(std::string_view type);

  [[nodiscard]] std::optional<ErrorFields> take(std::string_view type, const wire::Json& object,
                                                Event& event);

  [[nodiscard]] std::optional<ErrorFields> take_body(const wire::Json& message, Event& event);

 private:
  void take_block(const wire::Json& block, Event& event);
  void take_usage(const wire::Json& object, Event& event);

  std::string m_content;
  std::string m_reasoning;
  measure::TokenUsage m_usage;                  // its parts come in two events
  std::optional<std::uint64_t> m_uncached;      // of the input
  std::optional<std::uint64_t> m_cache_writes;  // of the input
};

}  // namespace inferometer::protocol
