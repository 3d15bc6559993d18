#include "sim/api/format_driver.hpp"
#include "sim/router.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::base::WallTime;
using nlohmann::json;

namespace {

/// A good request for a stream of each API whose stream is text.
std::vector<http::Request> requests() {
  const std::string messages =
      R"({"model":"m","max_tokens":8,"stream":true,"messages":[{"role":"user","content":"x"}]})";
  return {
      post_to("/v1/chat/completions", messages),
      post_to("/v1/responses", R"({"model":"m","input":"x","stream":true})"),
      post_to("/v1/completions", R"({"model":"m","prompt":"x","stream":true})"),
      post_to("/v1/messages", messages, {{"anthropic-version", "2023-06-01"}}),
      post_to("/v1beta/models/m:streamGenerateContent?alt=sse",
              R"({"contents":[{"parts":[{"text":"x"}]}]})"),
      post_to("/api/chat", R"({"model":"m","messages":[{"role":"user","content":"x"}]})"),
  };
}

struct Played {
  std::string bytes;
  Generation::Next end = Generation::Next::wait;  ///< `wait`: still going on after a few steps
};

Played play(http::Request request, std::vector<http::Header> settings) {
  constexpr int k_most_steps = 20;
  request.headers.insert(request.headers.end(), settings.begin(), settings.end());
  Router router({.profile = *find_profile("vllm-h100"), .behaviour = {.output_tokens = 4}});
  Decision decision = router.decide(request, WallTime());
  REQUIRE(std::holds_alternative<Answer>(decision.action));
  Generation& generation = *std::get<Answer>(decision.action).generation;
  Frames frames;
  generation.prologue(frames);
  Played played;
  for (int i = 0; i < k_most_steps && (played.end == Generation::Next::wait); ++i) {
    played.end = generation.step(frames);
  }
  played.bytes = std::move(frames.bytes);
  return played;
}

/// The lines of a stream that hold a payload.
std::vector<std::string> events(std::string_view bytes) {
  std::vector<std::string> found;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    line = line.substr(0, line.find_last_not_of("\r ") + 1);
    if (line.starts_with("data: ")) {
      line.remove_prefix(6);
    } else if (!line.starts_with("{")) {
      continue;
    }
    if (line != "[DONE]") {
      found.emplace_back(line);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("every API plays a whole stream of JSON with all that its settings add") {
  for (const http::Request& request : requests()) {
    CAPTURE(request.path);
    const Played played = play(request, {{"x-sim-comments", "on"},
                                         {"x-sim-stamp", "on"},
                                         {"x-sim-reasoning-tokens", "2"},
                                         {"x-sim-tokens-per-chunk", "2"}});
    CHECK(played.end == Generation::Next::end);
    CHECK(count(played.bytes, "sim_sent_ns") >= 1);
    const auto found = events(played.bytes);
    CHECK(found.size() >= 2);
    for (const std::string& event : found) {
      CAPTURE(event);
      CHECK(json::accept(event));
    }
  }
}

TEST_CASE("every API plays every fault of a stream as far as it goes") {
  using Next = Generation::Next;
  for (const http::Request& request : requests()) {
    for (const FaultInfo& fault : faults()) {
      if (fault.place == FaultPlace::answer || fault.value == Fault::corrupt_crc) {
        continue;
      }
      CAPTURE(request.path);
      CAPTURE(fault.name);
      const Next end = play(request, {{"x-sim-fault", std::string(fault.name)}}).end;
      const bool goes_on = end == Next::wait || end == Next::now;
      const bool endless = fault.value == Fault::trickle || fault.value == Fault::endless ||
                           fault.value == Fault::long_line;
      CHECK(goes_on == endless);
    }
  }
}

TEST_CASE("an event that is no JSON is the only one in every API") {
  for (const http::Request& request : requests()) {
    CAPTURE(request.path);
    int bad = 0;
    for (const std::string& event : events(play(request, {{"x-sim-fault", "bad_json"}}).bytes)) {
      bad += json::accept(event) ? 0 : 1;
    }
    CHECK(bad == 1);
  }
}

TEST_CASE("spaces can trail the events of every API") {
  for (const http::Request& request : requests()) {
    CAPTURE(request.path);
    const std::string bytes = play(request, {{"x-sim-fault", "trailing_spaces"}}).bytes;
    CHECK(count(bytes, "}   ") == events(bytes).size());
  }
}

TEST_CASE("every API reports each kind of error with a status and a text that quotes anything") {
  for (const WireFormat& format : wire_formats()) {
    CAPTURE(format.name);
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::overloaded); ++kind) {
      CAPTURE(kind);
      const http::Response own = format.render_error({.kind = static_cast<ErrorKind>(kind)});
      CHECK(own.status >= 400);
      CHECK(own.status < 600);
      CHECK(json::accept(own.body));
      const http::Response asked = format.render_error(
          {.kind = static_cast<ErrorKind>(kind), .message = "\xff \"q\"\n", .status = 418});
      CHECK(asked.status == 418);
      CHECK(json::accept(asked.body));
      CHECK(asked.body.find(R"(\"q\"\n)") != std::string::npos);
    }
  }
}

TEST_CASE("bodies that are hostile are refused by every API") {
  for (http::Request request : requests()) {
    CAPTURE(request.path);
    for (const std::string& body :
         {std::string(), std::string("null"), std::string("[]"), std::string("\xff"),
          std::string(1'000'000, '['), std::string(R"({"model":null,"messages":null})")}) {
      request.body = body;
      CHECK(!refusal_of(request).empty());
    }
  }
}
