#include "integration/one_attempt.hpp"
#include "probe/protocol/protocol.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <tuple>
#include <vector>

/// However a server cuts its stream into writes, and whichever line ends it uses, the measurement
/// says the same.
namespace inferometer::integration {
namespace {

using measure::Measurement;
using measure::Outcome;

/// All of a measurement that does not depend on time.
auto substance(const Measurement& measurement) {
  return std::tuple(measurement.outcome, measurement.detail, measurement.http_status,
                    measurement.content_events, measurement.content_bytes, measurement.usage,
                    measurement.finish_reason, measurement.timeline.first_reasoning.has_value(),
                    measurement.timeline.finished.has_value());
}

std::string describe(const Measurement& measurement) {
  return fmt::format("{} {} events {} bytes {} usage {}/{}",
                     measure::to_string(measurement.outcome), measurement.detail,
                     measurement.content_events, measurement.content_bytes,
                     measurement.usage ? measurement.usage->input : 0,
                     measurement.usage ? measurement.usage->output : 0);
}

config::Target with(config::Target target, std::string_view name, std::string_view value) {
  target.provider.headers[std::string(name)] = value;
  return target;
}

/// Reasoning, several tokens in an event, comments: all that can lie on both sides of a cut.
config::Target rich(std::string_view protocol, std::uint16_t port) {
  config::Target target = make_target(protocol, port);
  target.workload.prefix_cache = config::PrefixCache::reuse;
  target.provider.headers["X-Sim-Reasoning-Tokens"] = "4";
  target.provider.headers["X-Sim-Tokens-Per-Chunk"] = "3";
  target.provider.headers["X-Sim-Comments"] = "on";
  target.provider.headers["X-Sim-Prefix-Cache"] = "off";
  return target;
}

}  // namespace

TEST_CASE("integration: a stream measures the same however it is cut and whatever ends its lines") {
  auto simulator = sim::Server::start({}).value();
  for (const probe::protocol::Protocol& protocol : probe::protocol::protocols()) {
    CAPTURE(std::string(protocol.name));
    const config::Target target = rich(protocol.name, simulator.port());
    Attempts attempts;
    attempts.start(target);
    for (const char* writes : {"2", "100", "bytes"}) {
      for (const char* line_ending : {"lf", "crlf", "cr"}) {
        attempts.start(
            with(with(target, "X-Sim-Writes", writes), "X-Sim-Line-Ending", line_ending));
      }
    }
    attempts.start(with(target, "X-Sim-Fault", "trailing_spaces"));
    attempts.start(with(target, "X-Sim-Fault", "gzip"));
    const std::vector<Measurement> results = attempts.wait();
    const Measurement& plain = results.front();
    CAPTURE(describe(plain));
    CHECK(plain.outcome == Outcome::success);
    CHECK(plain.usage);
    CHECK(plain.finish_reason == measure::FinishReason::length);
    for (const Measurement& result : results) {
      CAPTURE(describe(result));
      CHECK(substance(result) == substance(plain));
    }
  }
}

TEST_CASE("integration: an answer that is not streamed has the same usage and no token times") {
  auto simulator = sim::Server::start({}).value();
  for (const probe::protocol::Protocol& protocol : probe::protocol::protocols()) {
    CAPTURE(std::string(protocol.name));
    config::Target target = rich(protocol.name, simulator.port());
    Attempts attempts;
    attempts.start(target);
    target.workload.stream = false;
    attempts.start(target);
    const std::vector<Measurement> results = attempts.wait();
    const Measurement& streamed = results.front();
    const Measurement& whole = results.back();
    CAPTURE(whole.detail);
    CHECK(whole.outcome == Outcome::success);
    CHECK(whole.usage == streamed.usage);
    CHECK(whole.finish_reason == streamed.finish_reason);
    CHECK(whole.content_bytes == streamed.content_bytes);
    CHECK_FALSE(whole.streamed);
    CHECK_FALSE(whole.timeline.first_content);
    CHECK_FALSE(whole.timeline.first_reasoning);
    CHECK(whole.content_arrivals.empty());
    CHECK(whole.timeline.ended);
  }
}

}  // namespace inferometer::integration
