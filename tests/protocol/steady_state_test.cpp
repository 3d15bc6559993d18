#include "fakes/allocations.hpp"
#include "protocol/event_stream_messages.hpp"
#include "protocol/protocol.hpp"
#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

/// What each protocol's decoder does with one event after another, as most of a stream is.
namespace inferometer::protocol {
namespace {

/// One event with visible text, as the vendor sends it.
struct Sample {
  std::string_view protocol;
  std::string event;
};

std::array<Sample, 8> samples() {
  const std::string text_delta =
      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" world"}})";
  return {{
      {"openai-chat",
       R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOp","object":"chat.completion.chunk",)"
       R"("created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default",)"
       R"("system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":" world"},)"
       R"("logprobs":null,"finish_reason":null}],"usage":null})"
       "\n\n"},
      {"openai-responses",
       "event: response.output_text.delta\n"
       R"(data: {"type":"response.output_text.delta","sequence_number":17,)"
       R"("item_id":"msg_0123456789abcdef","output_index":0,"content_index":0,"delta":" world"})"
       "\n\n"},
      {"openai-completions",
       R"(data: {"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"m",)"
       R"("choices":[{"index":0,"text":" world","logprobs":null,"finish_reason":null}]})"
       "\n\n"},
      {"anthropic", "event: content_block_delta\ndata: " + text_delta + "\n\n"},
      {"gemini",
       R"(data: {"candidates": [{"content": {"parts": [{"text": " world"}],"role": "model"},)"
       R"("index": 0}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 4}})"
       "\r\n\r\n"},
      {"ollama", R"({"model":"llama3.2","created_at":"2025-01-01T00:00:00.000000Z",)"
                 R"("message":{"role":"assistant","content":" world"},"done":false})"
                 "\n"},
      {"bedrock", event_message("contentBlockDelta",
                                R"({"contentBlockIndex":0,"delta":{"text":" world"},"p":"abc"})")},
      {"bedrock-invoke",
       event_message("chunk", R"({"bytes":")" + wire::base64_encode(text_delta) + R"(","p":"a"})")},
  }};
}

void feed_nothing_of_interest(const Event& /*event*/) {}

}  // namespace

TEST_CASE("protocols: a stream's events are decoded without any allocation") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.protocol);
    for (const std::size_t cut : {sample.event.size(), sample.event.size() / 2}) {
      const auto decoder = find_protocol(sample.protocol)->make_stream_decoder();
      std::size_t texts = 0;
      const auto feed = [&] {
        const auto emit = [&texts](const Event& event) { texts += event.content == " world"; };
        decoder->feed(std::string_view(sample.event).substr(0, cut), emit);
        decoder->feed(std::string_view(sample.event).substr(cut), emit);
      };
      feed();  // the buffers find their sizes
      feed();
      const std::size_t before = fakes::allocations();
      for (int i = 0; i < 100; ++i) {
        feed();
      }
      CHECK(fakes::allocations() - before == 0);
      CHECK(texts == 102);
    }
  }
}

TEST_CASE("protocols: a stream is at a boundary before an event and after it and not within") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.protocol);
    const auto decoder = find_protocol(sample.protocol)->make_stream_decoder();
    CHECK(decoder->at_boundary());
    for (int round = 0; round < 2; ++round) {
      for (const char& byte : sample.event) {
        decoder->feed({&byte, 1}, feed_nothing_of_interest);
        // The LF of the last CRLF comes after the event.
        const auto left = static_cast<std::size_t>(&sample.event.back() - &byte);
        CAPTURE(left);
        const bool ended = left == 0 || (left == 1 && sample.event.ends_with("\r\n"));
        CHECK(decoder->at_boundary() == ended);
      }
    }
  }
}

TEST_CASE("protocols: what is no part of an event leaves a stream off its boundary") {
  const auto decoder = find_protocol("openai-chat")->make_stream_decoder();
  for (const std::string_view rest : {": keep-alive\n", "\n", "event: message\n"}) {
    decoder->feed("data: {}\n\n", feed_nothing_of_interest);
    CHECK(decoder->at_boundary());
    decoder->feed(rest, feed_nothing_of_interest);
    CHECK_FALSE(decoder->at_boundary());
  }
  const auto lines = find_protocol("ollama")->make_stream_decoder();
  lines->feed("{}\n\n", feed_nothing_of_interest);
  CHECK_FALSE(lines->at_boundary());
}

TEST_CASE("protocols: nothing moves a stream off its boundary behind the end mark") {
  const auto decoder = find_protocol("openai-chat")->make_stream_decoder();
  decoder->feed("data: [DONE]\n\n", feed_nothing_of_interest);
  CHECK(decoder->at_boundary());
  decoder->feed("data: {", feed_nothing_of_interest);  // ignored after the end mark
  CHECK(decoder->at_boundary());
}

TEST_CASE("protocols: an answer that is not streamed is at a boundary only when it is finished") {
  for (const Protocol& protocol : protocols()) {
    CAPTURE(protocol.name);
    const auto decoder = protocol.make_body_decoder();
    CHECK_FALSE(decoder->at_boundary());
    decoder->feed("{}", feed_nothing_of_interest);
    CHECK_FALSE(decoder->at_boundary());
    decoder->finish(feed_nothing_of_interest);
    CHECK(decoder->at_boundary());
  }
}

}  // namespace inferometer::protocol
