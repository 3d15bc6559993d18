#include "protocol/answer/api_error_cases.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using namespace inferometer::protocol;
using inferometer::measure::Outcome;

namespace {

struct Refusal {
  std::string_view message;
  std::optional<std::uint64_t> tokens;
};

/// The count that a refusal with this message tells. It must be a refusal for length.
std::optional<std::uint64_t> told(std::string_view message) {
  const ApiError error = classify_stream_error({.status = 400, .message = std::string(message)});
  CAPTURE(message);
  CHECK(error.outcome == Outcome::context_length);
  return error.input_tokens;
}

}  // namespace

// Each as its vendor sends it, from public reports of users.
TEST_CASE("refused length: the count of the input is read from every vendor's message") {
  constexpr Refusal k_refusals[]{
      {"This model's maximum context length is 4097 tokens. However, you requested 4927 tokens "
       "(3927 in the messages, 1000 in the completion). Please reduce the length of the messages "
       "or completion.",
       3927},
      {"This model's maximum context length is 2049 tokens, however you requested 2054 tokens "
       "(2049 in your prompt; 5 for the completion).",
       2049},
      {"This model's maximum context length is 4097 tokens. However, your messages resulted in "
       "4113 tokens. Please reduce the length of the messages.",
       4113},
      {"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
       "272,011 tokens: context_length_exceeded",
       272011},
      {"This model's maximum context length is 4096 tokens. However, your request has 5000 input "
       "tokens. Please reduce the length of the input messages.",
       5000},
      {"You passed 10000 input tokens and requested 128 output tokens. However, the model's "
       "context length is only 8192 tokens, resulting in a maximum input length of 8064 tokens.",
       10000},
      {"The decoder prompt (length 21535) is longer than the maximum model length of 16384.",
       21535},
      {"The prompt (total length 25938) is too long to fit into the model (context length 4096).",
       25938},
      {"The input (5000 tokens) is longer than the model's context length (4096 tokens).", 5000},
      {"Requested token count exceeds the model's maximum context length of 262144 tokens. You "
       "requested a total of 267042 tokens: 201506 tokens from the input messages and 65536 tokens "
       "for the completion.",
       201506},
      {"prompt is too long: 208310 tokens > 200000 maximum", 208310},
      {"The model returned the following errors: prompt is too long: 200049 tokens > 200000 "
       "maximum",
       200049},
      {"input length and `max_tokens` exceed context limit: 199000 + 20000 > 200000, decrease "
       "input "
       "length or `max_tokens` and try again",
       199000},
      {"The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
       1048577},
      {"Unable to submit request because the input token count is 1200000 but model only supports "
       "up to 1048576.",
       1200000},
      {"request (22812 tokens) exceeds the available context size (16384 tokens), try increasing "
       "it",
       22812},
      {"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 "
       "`inputs` tokens and 100 `max_new_tokens`",
       5000},
      {"Input validation error: `inputs` must have less than 1024 tokens. Given: 1500", 1500},
      {"Prompt contains 300000 tokens, too large for model with 131072 maximum context length",
       300000},
      {"This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
       537812},
  };
  for (const Refusal& refusal : k_refusals) {
    CAPTURE(refusal.message);
    CHECK(told(refusal.message) == refusal.tokens);
  }
}

TEST_CASE("refused length: a bound or an estimate or another number is no count") {
  for (const std::string_view message : {
           "This model's maximum context length is 8192 tokens. However, you requested 64 output "
           "tokens and your prompt contains at least 8129 input tokens, for a total of at least "
           "8193 tokens.",
           // Where vLLM's counting stops.
           "You passed 31745 input tokens and requested 1024 output tokens. However, the model's "
           "context length is only 32768 tokens, resulting in a maximum input length of 31744 "
           "tokens.",
           "This endpoint's maximum context length is 128000 tokens. However, you requested about "
           "140000 tokens (139000 of text input, 1000 in the output).",
           "This model's maximum context length is 4097 tokens.",
           "The input token count exceeds the maximum number of tokens allowed 1048576.",
           "Input is too long for requested model.",
           "Please reduce the length of the messages or completion.",
           "Your input exceeds the context window of this model.",
           "prompt is too long: many tokens",
           "maximum context length (in the messages)",
           "prompt is too long: 99999999999999999999 tokens > 5",
           "prompt is too long: 5",
       }) {
    CHECK_FALSE(told(message));
  }
}

TEST_CASE("refused length: llama.cpp has the count in a field of its own") {
  const ApiError error = classified(
      400, R"({"error":{"code":400,"message":"the request exceeds the available context size",)"
           R"("type":"exceed_context_size_error","n_prompt_tokens":1234,"n_ctx":512}})");
  CHECK(error.outcome == Outcome::context_length);
  CHECK(error.input_tokens == 1234);
}

TEST_CASE("refused length: no other error has a count") {
  CHECK_FALSE(
      classified(429, R"({"error":{"message":"prompt is too long: 9 tokens > 5"}})").input_tokens);
  CHECK_FALSE(classified(500, R"({"error":{"message":"x","n_prompt_tokens":9}})").input_tokens);
}
