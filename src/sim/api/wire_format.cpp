#include "sim/api/wire_format.hpp"

#include "sim/api/anthropic.hpp"
#include "sim/api/bedrock_converse.hpp"
#include "sim/api/bedrock_invoke.hpp"
#include "sim/api/gemini.hpp"
#include "sim/api/ollama.hpp"
#include "sim/api/openai_chat.hpp"
#include "sim/api/openai_completions.hpp"
#include "sim/api/openai_responses.hpp"

#include <array>

namespace inferometer::sim {

std::span<const WireFormat> wire_formats() {
  static const std::array k_formats{openai_chat(),      openai_responses(), openai_completions(),
                                    anthropic(),        gemini(),           ollama(),
                                    bedrock_converse(), bedrock_invoke()};
  return k_formats;
}

}  // namespace inferometer::sim
