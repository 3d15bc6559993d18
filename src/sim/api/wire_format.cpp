#include "sim/api/wire_format.hpp"

#include "sim/api/anthropic.hpp"
#include "sim/api/bedrock_converse.hpp"
#include "sim/api/bedrock_invoke.hpp"
#include "sim/api/gemini.hpp"
#include "sim/api/ollama.hpp"
#include "sim/api/openai_chat.hpp"
#include "sim/api/openai_completions.hpp"
#include "sim/api/openai_responses.hpp"
#include "sim/model/checksum.hpp"

#include <array>
#include <utility>

namespace inferometer::sim {

void set_prompt(Ask& ask, std::string prompt) {
  ask.prompt = std::move(prompt);
  ask.prompt_tokens = Tokenizer().count(ask.prompt.size());
}

void Frames::clear() {
  bytes.clear();
  stamps.clear();
  sealed.clear();
}

void Frames::stamp(std::uint64_t nanoseconds) {
  for (const std::size_t place : stamps) {
    std::uint64_t rest = nanoseconds;
    for (std::size_t digit = k_stamp_width; digit > 0; --digit) {
      bytes[place + digit - 1] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    }
  }
  for (const Sealed& run : sealed) {
    write_crc32(bytes, run.begin, run.end);
  }
}

void append_stamp(Frames& out) {
  out.bytes.append(R"(,"sim_sent_ns":")");
  out.stamps.push_back(out.bytes.size());
  out.bytes.append(k_stamp_width, '0').append("\"");
}

std::span<const WireFormat> wire_formats() {
  static const std::array k_formats{openai_chat(),      openai_responses(), openai_completions(),
                                    anthropic(),        gemini(),           ollama(),
                                    bedrock_converse(), bedrock_invoke()};
  return k_formats;
}

}  // namespace inferometer::sim
