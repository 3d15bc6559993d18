#include "integration/one_attempt.hpp"

#include "probe/runner.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <utility>

namespace inferometer::integration {

using measure::Measurement;
using namespace std::chrono_literals;

namespace {

/// What comes before the path that the protocol itself appends.
std::string_view prefix_of(std::string_view protocol) {
  if (protocol == "gemini") {
    return "/v1beta";
  }
  return protocol == "ollama" || protocol.starts_with("bedrock") ? "" : "/v1";
}

}  // namespace

config::Target make_target(std::string_view protocol, std::uint16_t port) {
  config::Target target;
  target.provider.name = protocol;
  target.provider.protocol = protocol;
  target.provider.base_url = fmt::format("http://127.0.0.1:{}{}", port, prefix_of(protocol));
  target.provider.headers = {{"X-Sim-Ttft", "2ms"}, {"X-Sim-Itl", "1ms"}};
  target.model.name = "m";
  target.workload.name = "w";
  target.workload.input_tokens = 64;
  target.workload.output_tokens = 16;
  target.interval = 1s;
  return target;
}

Attempts::Attempts()
    : m_transport(transport::make_transport({})),
      m_background(transport::make_transport({})),
      m_runner(
          {.transport = *m_transport, .background = *m_background, .clock = base::system_clock()}) {
}

Attempts::~Attempts() {
  m_background->stop();
  m_transport->stop();
}

void Attempts::start(config::Target target) {
  m_results.push_back(probe::start_single_attempt(
      m_runner, std::make_shared<const config::Target>(std::move(target))));
}

std::vector<Measurement> Attempts::wait() {
  std::vector<Measurement> measurements;
  for (auto& result : m_results) {
    std::optional<Measurement> measurement = result.get();
    REQUIRE(measurement);
    measurements.push_back(*std::move(measurement));
  }
  m_results.clear();
  return measurements;
}

Measurement attempt(config::Target target) {
  Attempts attempts;
  attempts.start(std::move(target));
  return attempts.wait().front();
}

}  // namespace inferometer::integration
