#include "integration/one_attempt.hpp"
#include "measure/derive.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a reasoning model's rate of visible text comes to, by what its provider counts.
namespace inferometer::integration {
namespace {

using measure::Measurement;
using measure::UsageGap;

/// Who answers, and whether the usage tells the reasoning from the rest.
struct Case {
  std::string_view protocol;
  std::string_view dialect;  ///< of chat completions
  std::string_view details;  ///< of the usage
  std::string_view body;     ///< what asks for reasoning text
  bool counted;
};

constexpr std::string_view k_thoughts =
    R"({"generationConfig": {"thinkingConfig": {"includeThoughts": true}}})";
constexpr std::string_view k_summary = R"({"reasoning": {"summary": "auto"}})";

constexpr std::array k_cases{
    Case{"openai-chat", "vllm", "native", "", false},
    Case{"openai-chat", "vllm", "all", "", true},
    Case{"openai-chat", "llamacpp", "native", "", false},
    Case{"openai-chat", "sglang", "native", "", true},
    Case{"openai-chat", "deepseek", "native", "", true},
    Case{"openai-responses", "", "none", k_summary, false},
    Case{"openai-responses", "", "native", k_summary, true},
    Case{"anthropic", "", "native", "", false},
    Case{"anthropic", "", "all", "", true},
    Case{"gemini", "", "none", k_thoughts, false},
    Case{"gemini", "", "native", k_thoughts, true},
    Case{"ollama", "", "native", "", false},
    Case{"bedrock", "", "native", "", false},
    Case{"bedrock-invoke", "", "native", "", false},
    Case{"bedrock-invoke", "", "all", "", true},
};

config::Target reasoning_target(const Case& one, std::uint16_t port, bool stream) {
  config::Target target = make_target(one.protocol, port);
  target.workload.stream = stream;
  target.workload.output_tokens = 100;
  target.model.extra_body = std::string(one.body);
  if (!one.dialect.empty()) {
    target.provider.headers["X-Sim-Dialect"] = one.dialect;
  }
  target.provider.headers["X-Sim-Usage-Details"] = one.details;
  target.provider.headers["X-Sim-Reasoning-Tokens"] = "90";
  target.provider.headers["X-Sim-Itl"] = "20ms";
  return target;
}

std::vector<Measurement> run(bool stream) {
  auto simulator = sim::Server::start({}).value();
  Attempts attempts;
  for (const Case& one : k_cases) {
    attempts.start(reasoning_target(one, simulator.port(), stream));
  }
  return attempts.wait();
}

}  // namespace

TEST_CASE("integration: 90 texts of reasoning and 10 visible ones give a TPOT only if counted") {
  const std::vector<Measurement> results = run(true);
  for (std::size_t i = 0; i < k_cases.size(); ++i) {
    const Case& one = k_cases[i];
    const Measurement& result = results[i];
    CAPTURE(one.protocol);
    CAPTURE(one.dialect);
    CAPTURE(result.detail);
    CHECK(result.outcome == measure::Outcome::success);
    CHECK(result.content_events == 10);
    CHECK(result.timeline.first_reasoning.has_value());
    REQUIRE(result.usage);
    CHECK(result.usage->output.value_or(0) ==
          (one.protocol == "gemini" && !one.counted ? 10 : 100));
    CHECK(result.usage->reasoning ==
          (one.counted ? std::optional<std::uint64_t>(90) : std::nullopt));
    CHECK(measure::usage_gap(result) ==
          (one.counted ? UsageGap::none : UsageGap::reasoning_uncounted));
    const auto per_token = measure::time_per_output_token(result);
    CHECK(per_token.has_value() == one.counted);
    CHECK(measure::output_tokens_per_second(result).has_value() == one.counted);
    if (per_token) {
      CHECK(base::seconds(*per_token) == doctest::Approx(0.020).epsilon(0.25));
    }
  }
}

TEST_CASE("integration: an answer that is not streamed shows its uncounted reasoning too") {
  const std::vector<Measurement> results = run(false);
  for (std::size_t i = 0; i < k_cases.size(); ++i) {
    CAPTURE(k_cases[i].protocol);
    CAPTURE(results[i].detail);
    CHECK(results[i].outcome == measure::Outcome::success);
    CHECK(results[i].reasoning_seen);
    CHECK_FALSE(results[i].timeline.first_reasoning.has_value());
    CHECK(measure::usage_gap(results[i]) ==
          (k_cases[i].counted ? UsageGap::none : UsageGap::reasoning_uncounted));
  }
}

}  // namespace inferometer::integration
