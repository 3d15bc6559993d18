#include "integration/one_attempt.hpp"
#include "measure/outcome.hpp"
#include "protocol/protocol.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

namespace inferometer::integration {
namespace {

using measure::Measurement;
using measure::Outcome;

/// A workload of 1000 tokens at a model with 2.5 bytes a token, which 4 is the first guess for.
config::Target make_long_target(std::string_view protocol, std::uint16_t port,
                                const std::string& window) {
  config::Target target = make_target(protocol, port);
  target.workload.input_tokens = 1000;
  target.provider.headers["X-Sim-Bytes-Per-Token"] = "2.5";
  target.provider.headers["X-Sim-Context-Window"] = window;
  return target;
}

std::vector<Measurement> attempt_each_after_the_other(const config::Target& target, int times) {
  Attempts attempts;
  std::vector<Measurement> results;
  for (int i = 0; i < times; ++i) {
    attempts.start(target);
    results.push_back(attempts.wait().front());
  }
  return results;
}

}  // namespace

TEST_CASE("integration: a prompt whose first guess is too long fits after a few refusals") {
  auto simulator = sim::Server::start({}).value();
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    CAPTURE(protocol.name);
    const auto results =
        attempt_each_after_the_other(make_long_target(protocol.name, simulator.port(), "1040"), 12);
    CHECK(results.front().outcome == Outcome::context_length);
    for (std::size_t i = 6; i < results.size(); ++i) {
      CAPTURE(i);
      CAPTURE(results[i].detail);
      CHECK(measure::to_string(results[i].outcome) == measure::to_string(Outcome::success));
    }
    REQUIRE(results.back().usage);
    CHECK(std::abs(static_cast<double>(results.back().usage->input.value_or(0)) - 1000) <= 20);
  }
}

TEST_CASE("integration: every dialect's refusal is enough, with a count or without") {
  auto simulator = sim::Server::start({}).value();
  for (const char* dialect :
       {"openai", "azure", "vllm", "sglang", "tgi", "llamacpp", "groq", "deepseek", "openrouter"}) {
    CAPTURE(dialect);
    config::Target target = make_long_target("openai-chat", simulator.port(), "1040");
    target.provider.headers["X-Sim-Dialect"] = dialect;
    const auto results = attempt_each_after_the_other(target, 10);
    CHECK(results.front().outcome == Outcome::context_length);
    CHECK(results.back().outcome == Outcome::success);
  }
}

TEST_CASE("integration: a model that reports no usage is reached too") {
  auto simulator = sim::Server::start({}).value();
  for (const char* dialect : {"openai", "groq"}) {  // of which one tells the count
    CAPTURE(dialect);
    config::Target target = make_long_target("openai-chat", simulator.port(), "1040");
    target.provider.headers["X-Sim-Dialect"] = dialect;
    target.provider.headers["X-Sim-Usage"] = "none";
    const auto results = attempt_each_after_the_other(target, 8);
    CHECK(results.front().outcome == Outcome::context_length);
    CHECK(results[6].outcome == Outcome::success);
    CHECK(results[7].outcome == Outcome::success);
  }
}

TEST_CASE("integration: a workload that does not fit fails for its length and is not cut") {
  auto simulator = sim::Server::start({}).value();
  for (const char* dialect : {"openai", "groq"}) {
    CAPTURE(dialect);
    config::Target target = make_long_target("openai-chat", simulator.port(), "500");
    target.provider.headers["X-Sim-Dialect"] = dialect;
    for (const Measurement& result : attempt_each_after_the_other(target, 20)) {
      CHECK(measure::to_string(result.outcome) == measure::to_string(Outcome::context_length));
    }
  }
}

}  // namespace inferometer::integration
