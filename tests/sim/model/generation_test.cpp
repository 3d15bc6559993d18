#include "sim/model/generation.hpp"

#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using inferometer::sim::testing::count;
using Next = Generation::Next;

namespace {

/// Writes each call as a short word, so that a test can read the order of events.
class ScriptRenderer final : public Renderer {
 public:
  void opening(Frames& out, const Usage& /*usage*/) override { out.bytes += "role;"; }
  void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) override {
    out.bytes += (kind == TextKind::reasoning ? "R" : "C") + std::to_string(count(text, " ")) +
                 "@" + std::to_string(usage.completion_tokens) + ";";
    if (text == "\xc3(") {
      out.bytes += "(bad utf-8);";
    }
    if (text.size() > 1000) {
      out.bytes += "(" + std::to_string(text.size()) + " bytes);";
    }
  }
  void finish(Frames& out, FinishReason reason, const Usage& usage) override {
    out.bytes += (reason == FinishReason::stop     ? "stop"
                  : reason == FinishReason::length ? "length"
                                                   : "filter");
    out.bytes += ":" + std::to_string(usage.reasoning_tokens) + "/" +
                 std::to_string(usage.completion_tokens) + ";";
  }
  void terminator(Frames& out) override { out.bytes += "done;"; }
  void comment(Frames& out) override { out.bytes += "#;"; }
  void error(Frames& out, ErrorKind kind) override {
    out.bytes += kind == ErrorKind::overloaded   ? "overloaded;"
                 : kind == ErrorKind::rate_limit ? "rate limit;"
                                                 : "error;";
  }
  void malformed(Frames& out) override { out.bytes += "malformed;"; }
  void unfinished(Frames& out) override { out.bytes += "line:"; }
  std::string completion(std::string_view content, std::string_view reasoning,
                         FinishReason /*reason*/, const Usage& usage) override {
    return "whole:" + std::to_string(count(reasoning, " ")) + "+" +
           std::to_string(count(content, " ")) + "=" + std::to_string(usage.completion_tokens);
  }
};

Generation generation(Behaviour behaviour, std::optional<std::uint64_t> max_tokens = {},
                      bool stream = true) {
  return {Ask{.model = "m",
              .prompt_tokens = 1,
              .max_tokens = max_tokens,
              .stream = stream,
              .include_usage = false},
          std::move(behaviour), profiles()[0], std::make_unique<ScriptRenderer>(), Random(1)};
}

struct Played {
  std::string script;  ///< steps are separated by bars
  Next end;
};

Played play(Generation generation, std::size_t most_steps = 100) {
  Frames frames;
  generation.prologue(frames);
  Next next = Next::wait;
  for (std::size_t step = 0; step < most_steps && (next == Next::wait || next == Next::now);
       ++step) {
    frames.bytes += "|";
    next = generation.step(frames);
  }
  return {frames.bytes, next};
}

Played play_fault(Fault fault, std::uint32_t tokens = 4) {
  return play(generation({.output_tokens = tokens, .fault = fault}));
}

}  // namespace

TEST_CASE("a model that stops by itself says stop and one that is cut says length") {
  CHECK(play(generation({.output_tokens = 2})).script == "|role;C1@1;|C1@2;stop:0/2;done;");
  CHECK(play(generation({.output_tokens = 2}, 2)).script == "|role;C1@1;|C1@2;stop:0/2;done;");
  CHECK(play(generation({.output_tokens = 3}, 2)).script == "|role;C1@1;|C1@2;length:0/2;done;");
  CHECK(play(generation({.output_tokens = 2}, 9)).end == Next::end);
}

TEST_CASE("the role may come early and comments before each text") {
  CHECK(play(generation({.output_tokens = 2, .role = RoleChunk::early, .comments = true})).script ==
        "#;role;|#;C1@1;|#;C1@2;stop:0/2;done;");
}

TEST_CASE("a chunk has as many tokens as asked and the last one the rest") {
  CHECK(play(generation({.output_tokens = 5, .tokens_per_chunk = 2})).script ==
        "|role;C2@2;|C2@4;|C1@5;stop:0/5;done;");
}

TEST_CASE("reasoning goes first and never shares a chunk with content") {
  CHECK(
      play(generation({.output_tokens = 5, .tokens_per_chunk = 2, .reasoning_tokens = 3})).script ==
      "|role;R2@2;|R1@3;|C2@5;stop:3/5;done;");
  CHECK(play(generation({.output_tokens = 2, .reasoning_tokens = 9})).script ==
        "|role;R1@1;|R1@2;stop:2/2;done;");
}

TEST_CASE("an answer that is not streamed comes whole in its last step") {
  const Played played = play(
      generation({.output_tokens = 5, .tokens_per_chunk = 2, .reasoning_tokens = 1}, {}, false));
  CHECK(played.script == "|||whole:1+4=5");
  CHECK(played.end == Next::end);
}

TEST_CASE("an answer that is not streamed takes as many steps as its stream would") {
  CHECK(play(generation({.output_tokens = 3}, {}, false)).script == "|||whole:0+3=3");
  CHECK(play(generation({.output_tokens = 0}, {}, false)).script == "|whole:0+0=0");
}

TEST_CASE("a fault of the middle happens after half of the tokens in place of the next") {
  CHECK(play_fault(Fault::stall).script == "|role;C1@1;|C1@2;|");
  CHECK(play_fault(Fault::stall).end == Next::hang);
  CHECK(play_fault(Fault::reset).script == "|role;C1@1;|C1@2;|");
  CHECK(play_fault(Fault::reset).end == Next::reset);
  CHECK(play_fault(Fault::close).end == Next::cut);
  CHECK(play_fault(Fault::truncate).script == "|role;C1@1;|C1@2;|");
  CHECK(play_fault(Fault::truncate).end == Next::end);
  CHECK(play_fault(Fault::error_event).script == "|role;C1@1;|C1@2;|error;");
  CHECK(play_fault(Fault::overloaded_event).script == "|role;C1@1;|C1@2;|overloaded;");
  CHECK(play_fault(Fault::rate_limit_event).script == "|role;C1@1;|C1@2;|rate limit;");
  CHECK(play_fault(Fault::rate_limit_event).end == Next::end);
  CHECK(play_fault(Fault::refusal).script == "|role;C1@1;|C1@2;|filter:0/2;done;");
  CHECK(play_fault(Fault::content_filter).script == "|role;C1@1;|C1@2;|filter:0/2;done;");
}

TEST_CASE("a fault of the middle happens even if there is but one token") {
  CHECK(play_fault(Fault::reset, 1).script == "|role;C1@1;|");
  CHECK(play_fault(Fault::reset, 1).end == Next::reset);
  CHECK(play_fault(Fault::bad_json, 1).script == "|role;C1@1;|malformed;stop:0/1;done;");
}

TEST_CASE("a broken event in the middle leaves the rest of the stream whole") {
  CHECK(play_fault(Fault::bad_json).script ==
        "|role;C1@1;|C1@2;|malformed;C1@3;|C1@4;stop:0/4;done;");
  CHECK(play_fault(Fault::invalid_utf8).script ==
        "|role;C1@1;|C1@2;|C0@2;(bad utf-8);C1@3;|C1@4;stop:0/4;done;");
  CHECK(play_fault(Fault::large_event).script ==
        "|role;C1@1;|C1@2;|C0@2;(1048576 bytes);C1@3;|C1@4;stop:0/4;done;");
  CHECK(play_fault(Fault::corrupt_crc).script ==
        "|role;C1@1;|C1@2;|malformed;C1@3;|C1@4;stop:0/4;done;");
}

TEST_CASE("each fault of the middle changes the stream") {
  const std::string good = play(generation({.output_tokens = 4})).script;
  for (const FaultInfo& fault : faults()) {
    CAPTURE(fault.name);
    if (fault.place == FaultPlace::middle) {
      CHECK(play_fault(fault.value).script != good);
    }
  }
}

TEST_CASE("a long line is ten megabytes that come as fast as they are taken") {
  Generation line = generation({.output_tokens = 2, .fault = Fault::long_line});
  Frames frames;
  CHECK(line.step(frames) == Next::wait);
  frames.clear();
  std::size_t size = 0;
  Next next = Next::now;
  while (next == Next::now) {
    next = line.step(frames);
    size += count(frames.bytes, "x");
    CHECK(frames.bytes.size() <= 65536 + 5);
    frames.clear();
  }
  CHECK(next == Next::end);
  CHECK(size == 10'000'000);
}

TEST_CASE("faults of the whole stream shape it as their names say") {
  CHECK(play_fault(Fault::hang_before_first_token).script == "|");
  CHECK(play_fault(Fault::hang_before_first_token).end == Next::hang);
  CHECK(play_fault(Fault::missing_done, 1).script == "|role;C1@1;stop:0/1;");
  CHECK(play_fault(Fault::done_then_more, 1).script == "|role;C1@1;stop:0/1;done;C1@1;");
  CHECK(play_fault(Fault::empty).script == "|role;stop:0/0;done;");
  CHECK(play_fault(Fault::trailing_spaces, 1).script == "|role;C1@1;stop:0/1;done;");
}

TEST_CASE("a trickle and a flood outlast any bound on their tokens") {
  const Played trickle = play(generation({.output_tokens = 2, .fault = Fault::trickle}, 2), 1000);
  CHECK(trickle.end == Next::wait);
  CHECK(trickle.script.ends_with("C1@1000;"));
  const Played flood = play(generation({.output_tokens = 2, .fault = Fault::endless}, 2), 1000);
  CHECK(flood.end == Next::now);
  CHECK(flood.script.ends_with("C1@1000;"));
}

TEST_CASE("delays come from the profile unless the behaviour has its own and grow with the load") {
  const Distribution constant = Distribution::constant(10ms);
  Generation own = generation({.ttft = constant, .itl = Distribution::constant(2ms)});
  CHECK(own.first_delay(1) == 10ms);
  CHECK(own.gap(1) == 2ms);
  CHECK(own.first_delay(1.5) == 15ms);
  CHECK(own.gap(2.5) == 5ms);
  Generation from_profile = generation({});
  Random same(1);
  CHECK(from_profile.first_delay(1) == profiles()[0].ttft.sample(same));
  CHECK(from_profile.gap(1) == profiles()[0].itl.sample(same));
}

TEST_CASE("a model that ignores its end goes on to the bound that the request sets") {
  const auto script = [](Ask ask) {
    ask.stream = true;
    return play(Generation(ask, {.output_tokens = 2}, profiles()[0],
                           std::make_unique<ScriptRenderer>(), Random(1)))
        .script;
  };
  CHECK(script({.max_tokens = 3, .ignore_eos = true}) == "|role;C1@1;|C1@2;|C1@3;length:0/3;done;");
  CHECK(script({.max_tokens = 1, .ignore_eos = true}) == "|role;C1@1;length:0/1;done;");
  CHECK(script({.ignore_eos = true}) == "|role;C1@1;|C1@2;stop:0/2;done;");
  CHECK(script({.min_tokens = 3}) == "|role;C1@1;|C1@2;|C1@3;stop:0/3;done;");
  CHECK(script({.max_tokens = 1, .min_tokens = 3}) == "|role;C1@1;length:0/1;done;");
}

TEST_CASE("a model without end is stopped at a million tokens") {
  constexpr std::uint64_t k_most = std::numeric_limits<std::uint64_t>::max();
  for (const Ask& ask :
       {Ask{.max_tokens = k_most, .ignore_eos = true}, Ask{.min_tokens = k_most}}) {
    Generation whole(ask, {.tokens_per_chunk = 1'000'000}, profiles()[0],
                     std::make_unique<ScriptRenderer>(), Random(1));
    Frames frames;
    CHECK(whole.step(frames) == Next::end);
    CHECK(frames.bytes == "whole:0+1000000=1000000");
  }
}

TEST_CASE("the given text is said from its start after any reasoning") {
  const auto text = [](std::uint32_t reasoning) {
    Behaviour behaviour{.output_tokens = 5, .reasoning_tokens = reasoning};
    behaviour.content = AnswerText::given("so it is").value();
    const Ask ask{.model = "m"};
    Generation whole(ask, behaviour, profiles()[0],
                     openai_chat::wire_format().make_renderer(ask, {}, {}), Random(1));
    Frames frames;
    while (whole.step(frames) != Next::end) {
    }
    return frames.bytes;
  };
  CHECK(text(0).find(R"("so it is so it")") != std::string::npos);
  CHECK(text(2).find(R"("so it is")") != std::string::npos);
}

TEST_CASE("a cached prompt is reported and saves its share of the first delay") {
  const auto cached = [](std::uint64_t tokens, double speedup) {
    return Generation(Ask{.prompt_tokens = 100},
                      {.ttft = Distribution::constant(10ms), .prefix_cache_speedup = speedup},
                      profiles()[0], std::make_unique<ScriptRenderer>(), Random(1), tokens);
  };
  CHECK(cached(64, 0).usage().cached_prompt_tokens == 64);
  CHECK(cached(64, 0).first_delay(1) == 10ms);
  CHECK(cached(50, 1).first_delay(1) == 5ms);
  CHECK(cached(50, 0.5).first_delay(2) == 15ms);
  CHECK(cached(0, 1).first_delay(1) == 10ms);
  CHECK(cached(1000, 1).usage().cached_prompt_tokens == 100);
  CHECK(cached(1000, 1).first_delay(1) == 0ms);
}

TEST_CASE("a generation tells why the model stopped unless it broke off") {
  const auto reason = [](Behaviour behaviour) {
    behaviour.output_tokens = 2;
    Generation made = generation(std::move(behaviour));
    Frames frames;
    Next next = Next::wait;
    CHECK(!made.finished());
    while (next == Next::wait) {
      next = made.step(frames);
    }
    return made.finished();
  };
  CHECK(reason({}) == FinishReason::stop);
  CHECK(reason({.fault = Fault::content_filter}) == FinishReason::content_filter);
  CHECK(reason({.fault = Fault::refusal}) == FinishReason::content_filter);
  CHECK(reason({.fault = Fault::missing_done}) == FinishReason::stop);
  CHECK(reason({.fault = Fault::error_event}) == std::nullopt);
  CHECK(reason({.fault = Fault::truncate}) == std::nullopt);
}

TEST_CASE("texts are safe in JSON and hold characters of more than one byte") {
  const Ask ask{
      .model = "m", .prompt_tokens = 1, .max_tokens = {}, .stream = true, .include_usage = false};
  Generation real(ask, {.output_tokens = 20, .tokens_per_chunk = 20}, profiles()[0],
                  openai_chat::wire_format().make_renderer(ask, {}, {}), Random(1));
  Frames frames;
  CHECK(real.step(frames) == Next::end);
  CHECK(frames.bytes.find("ü") != std::string::npos);
  CHECK(frames.bytes.find("光") != std::string::npos);
  CHECK(frames.bytes.find('\\') == std::string::npos);
}
