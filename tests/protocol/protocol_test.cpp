#include "protocol/protocol.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace inferometer::protocol;

namespace {

Generation generation(bool stream) {
  Generation asked;
  asked.model = "m";
  asked.system_prompt = "s\xFF";
  asked.prompt = "p\xFF";
  asked.stream = stream;
  asked.max_output_tokens = 20;
  asked.temperature = 0.0;
  asked.max_tokens_parameter = "max_tokens";
  return asked;
}

}  // namespace

TEST_CASE("protocols: each is found by its name and no other is") {
  std::set<std::string_view> names;
  for (const Protocol& protocol : protocols()) {
    CAPTURE(protocol.name);
    CHECK(find_protocol(protocol.name) == &protocol);
    CHECK(names.insert(protocol.name).second);
    CHECK_FALSE(protocol.stream_content_type.empty());
  }
  CHECK(find_protocol("") == nullptr);
  CHECK(find_protocol("openai") == nullptr);
  CHECK(find_protocol("OpenAI-Chat") == nullptr);
}

TEST_CASE("protocols: a key goes into the header that the vendor reads") {
  const auto header = [](std::string_view name) { return find_protocol(name)->api_key_header; };
  CHECK(header("openai-chat") == "api-key");  // Azure's: OpenAI itself takes bearer tokens
  CHECK(header("openai-responses") == "api-key");
  CHECK(header("openai-completions") == "api-key");
  CHECK(header("anthropic") == "x-api-key");
  CHECK(header("gemini") == "x-goog-api-key");
}

TEST_CASE("protocols: each makes requests with a body of JSON whatever the prompt holds") {
  for (const Protocol& protocol : protocols()) {
    for (const bool stream : {true, false}) {
      CAPTURE(protocol.name);
      CAPTURE(stream);
      const HttpRequest request = protocol.make_request(generation(stream));
      CHECK(request.path.starts_with("/"));
      CHECK(nlohmann::json::accept(request.body));
      CHECK(request.body.find("p\xEF\xBF\xBD") != std::string::npos);
      CHECK(request.headers.at(0) == Header{"Content-Type", "application/json"});
    }
  }
}

TEST_CASE("protocols: each decoder gives no text and no end for an answer that is empty") {
  for (const Protocol& protocol : protocols()) {
    CAPTURE(protocol.name);
    for (const auto make_decoder : {protocol.make_stream_decoder, protocol.make_body_decoder}) {
      std::vector<Event> events;
      const auto emit = [&events](const Event& event) { events.push_back(event); };
      const auto decoder = make_decoder();
      decoder->feed("", emit);
      decoder->finish(emit);
      for (const Event& event : events) {
        CHECK(event.content.empty());
        CHECK_FALSE(event.terminator);
      }
    }
  }
}
