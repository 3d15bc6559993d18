#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace inferometer::e2e {
namespace {

std::string configuration(const Simulator& simulator, int window) {
  return fmt::format(
      "providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", models: [m], "
      "headers: {{X-Sim-Bytes-Per-Token: \"2.5\", X-Sim-Context-Window: \"{}\"}}}}]\n"
      "workloads: [{{name: w, input_tokens: 1000, output_tokens: 16}}]\n"
      "probes: [{{providers: [p], workloads: [w], interval: 100ms}}]\n",
      simulator.url(), window);
}

constexpr const char* k_labels = "provider=\"p\",model=\"m\",workload=\"w\"";

}  // namespace

TEST_CASE("a prompt whose first guess is too long does not fail for ever") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator, 1040));
  const auto failures = [&] {
    return daemon.sample(
        fmt::format("llm_probe_failures_total{{{},reason=\"context_length\"}}", k_labels));
  };
  const auto attempts = [&] {
    return daemon.sample(fmt::format("llm_probe_attempts_total{{{}}}", k_labels)).value_or(0);
  };
  REQUIRE(eventually([&] { return attempts() >= 20; }));
  CHECK(failures().value_or(0) >= 1);
  CHECK(failures().value_or(99) <= 6);
  CHECK(daemon.sample(fmt::format("llm_probe_success{{{}}}", k_labels)) == 1);
}

TEST_CASE("a workload that does not fit the model goes on failing for its length") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator, 800));
  const auto count = [&](const char* series) {
    return daemon.sample(fmt::format(fmt::runtime(series), k_labels)).value_or(0);
  };
  REQUIRE(eventually([&] { return count("llm_probe_attempts_total{{{}}}") >= 20; }));
  CHECK(count("llm_probe_failures_total{{{},reason=\"context_length\"}}") >= 20);
  CHECK(count("llm_probe_success{{{}}}") == 0);
}

}  // namespace inferometer::e2e
