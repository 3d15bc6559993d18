#include "fakes/raw_http_client.hpp"
#include "integration/one_attempt.hpp"
#include "probe/attempt_driver.hpp"
#include "protocol/cuts.hpp"
#include "protocol/protocol.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
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
                     measurement.usage ? measurement.usage->input.value_or(0) : 0,
                     measurement.usage ? measurement.usage->output.value_or(0) : 0);
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

/// The stream that the simulator sends for this target, byte for byte.
std::string stream_of(const config::Target& target, std::string_view line_ending) {
  const protocol::Protocol& protocol = *protocol::find_protocol(target.provider.protocol);
  const protocol::HttpRequest request = protocol.make_request(
      {.model = "m", .prompt = "Hi", .max_output_tokens = 4, .max_tokens_parameter = "max_tokens"});
  const std::string_view url = target.provider.base_url;
  const std::size_t port = url.rfind(':') + 1;
  const std::size_t path = std::min(url.find('/', port), url.size());
  std::string bytes = fmt::format("POST {}{} HTTP/1.1\r\nHost: sim\r\nX-Sim-Line-Ending: {}\r\n",
                                  url.substr(path), request.path, line_ending);
  for (const auto& [name, value] : request.headers) {
    bytes += fmt::format("{}: {}\r\n", name, value);
  }
  for (const auto& [name, value] : target.provider.headers) {
    bytes += fmt::format("{}: {}\r\n", name, value);
  }
  bytes += fmt::format("Content-Length: {}\r\n\r\n{}", request.body.size(), request.body);
  fakes::RawHttpClient client(
      static_cast<std::uint16_t>(std::stoi(std::string(url.substr(port, path - port)))));
  client.send(bytes);
  const fakes::RawResponse response = client.read_response();
  REQUIRE(response.status == 200);
  REQUIRE(response.complete);
  return response.body;
}

/// What an attempt makes of a stream that comes in these pieces.
Measurement measurement_of(std::string_view protocol, const std::vector<std::string_view>& pieces) {
  using namespace std::chrono_literals;
  probe::Drive drive({.connect = 5s, .first_token = 30s, .stall = 10s, .total = 120s}, true,
                     nullptr, protocol);
  drive.request_begin();
  drive.head(200, protocol::find_protocol(protocol)->stream_content_type);
  for (const std::string_view piece : pieces) {
    drive.body(1s, piece);
  }
  return drive.end();
}

}  // namespace

TEST_CASE("integration: a stream that is cut at any byte gives the same measurement") {
  auto simulator = sim::Server::start({}).value();
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    for (const char* line_ending : {"lf", "crlf", "cr"}) {
      CAPTURE(std::string(protocol.name));
      CAPTURE(line_ending);
      config::Target target = make_target(protocol.name, simulator.port());
      target.provider.headers["X-Sim-Comments"] = "on";
      const std::string stream = stream_of(target, line_ending);
      const Measurement whole = measurement_of(protocol.name, {stream});
      CHECK(whole.outcome == Outcome::success);
      CHECK(whole.usage);
      CHECK(whole.content_bytes > 0);
      for (const auto& pieces : protocol::cuts(stream)) {
        const Measurement cut = measurement_of(protocol.name, pieces);
        if (substance(cut) != substance(whole) || cut.coalesced != whole.coalesced) {
          FAIL_CHECK("cut at " << pieces.front().size() << ": " << describe(cut) << " instead of "
                               << describe(whole));
        }
      }
    }
  }
}

TEST_CASE("integration: a stream measures the same however it is cut and whatever ends its lines") {
  auto simulator = sim::Server::start({}).value();
  for (const protocol::Protocol& protocol : protocol::protocols()) {
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
  for (const protocol::Protocol& protocol : protocol::protocols()) {
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
