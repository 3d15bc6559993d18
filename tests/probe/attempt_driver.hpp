#pragma once

#include "fakes/fake_clock.hpp"
#include "probe/attempt.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Drives an Attempt by hand, as the transport would, without a network and at given instants.
namespace inferometer::probe {

using base::Duration;
using base::MonotonicTime;
using measure::Measurement;
using measure::Outcome;
using transport::Ending;
using transport::Flow;
using transport::Report;
using namespace std::chrono_literals;

inline constexpr MonotonicTime k_start{std::chrono::seconds(1000)};

inline const std::string k_bearer = "sk-secret-key";

/// A frame with this much text.
inline std::string content(std::string_view text) {
  return R"(data: {"choices":[{"delta":{"content":")" + std::string(text) + "\"}}]}\n\n";
}
inline std::string reasoning(std::string_view text) {
  return R"(data: {"choices":[{"delta":{"reasoning":")" + std::string(text) + "\"}}]}\n\n";
}
inline std::string finish(std::string_view reason = "stop") {
  return R"(data: {"choices":[{"delta":{},"finish_reason":")" + std::string(reason) + "\"}]}\n\n";
}
inline std::string usage(int input, int output) {
  return R"(data: {"choices":[],"usage":{"prompt_tokens":)" + std::to_string(input) +
         R"(,"completion_tokens":)" + std::to_string(output) + "}}\n\n";
}
inline const std::string k_done = "data: [DONE]\n\n";

class Drive {
 public:
  explicit Drive(
      config::Timeouts timeouts = {.connect = 5s, .first_token = 30s, .stall = 10s, .total = 120s},
      bool stream = true, std::shared_ptr<const Expectation> expectation = nullptr,
      std::string_view protocol = "openai-chat") {
    auto target = std::make_shared<config::Target>();
    target->provider.name = "p";
    target->timeouts = timeouts;
    target->workload.stream = stream;
    Measurement measurement;
    measurement.id = "0123456789abcdef";
    measurement.target = {"p", "m", "w"};
    measurement.timeline.scheduled = k_start - 1ms;
    measurement.max_error = config::Trust().max_error;
    m_attempt.emplace(Attempt::Setup{.target = target,
                                     .protocol = *protocol::find_protocol(protocol),
                                     .measurement = std::move(measurement),
                                     .secrets = {base::Secret(k_bearer)},
                                     .clock = m_clock,
                                     .completion =
                                         [this](std::optional<Measurement> result) {
                                           ++m_completions;
                                           m_result = std::move(result);
                                         },
                                     .expectation = std::move(expectation)});
    m_attempt->on_started(k_start);
  }

  [[nodiscard]] Attempt& attempt() { return *m_attempt; }
  [[nodiscard]] base::WallTime wall_start() const { return m_clock.wall_now(); }

  /// The attempt's deadline, as a time since its start.
  [[nodiscard]] Duration deadline() const { return m_attempt->deadline() - k_start; }

  void request_begin(Duration at = 10ms) { m_attempt->on_request_begin(k_start + at); }

  Flow head(int status, std::string_view content_type, Duration at = 20ms,
            std::vector<protocol::Header> headers = {}) {
    transport::ResponseHead head;
    head.status = status;
    head.headers = std::move(headers);
    if (!content_type.empty()) {
      head.headers.emplace_back("content-type", content_type);
    }
    return m_attempt->on_head(std::move(head), {.at = k_start + at});
  }

  /// Bytes that were read together, the first of them up to `first_slack` before `at`.
  Flow body(Duration at, std::string_view bytes, Duration first_slack = {},
            Duration last_slack = {}) {
    return m_attempt->on_body(
        bytes, {.at = k_start + at, .first_slack = first_slack, .last_slack = last_slack});
  }

  /// Bytes that are none of the body.
  void rest(Duration at, Duration first_slack, Duration last_slack) {
    m_attempt->on_rest({.at = k_start + at, .first_slack = first_slack, .last_slack = last_slack});
  }

  /// A request that was answered well so far.
  void begin_stream() {
    request_begin();
    REQUIRE(head(200, "text/event-stream; charset=utf-8") == Flow::go_on);
  }

  /// Ends the exchange; no value if the attempt is not to be counted.
  std::optional<Measurement> end_with(const Report& report) {
    m_attempt->on_end(report);
    REQUIRE(m_completions == 1);
    return m_result;
  }

  Measurement end(Ending ending = Ending::complete, Duration at = 60s, std::string message = "") {
    Report report;
    report.ending = ending;
    report.message = std::move(message);
    report.started = k_start;
    report.ended = k_start + at;
    std::optional<Measurement> result = end_with(report);
    REQUIRE(result);
    return *std::move(result);
  }

  /// The deadline comes when it is due, or somewhat later.
  Measurement expire(Duration late = {}) {
    const MonotonicTime due = m_attempt->deadline();
    m_attempt->on_deadline(due + late);
    return end(Ending::stopped, due + late - k_start);
  }

 private:
  fakes::FakeClock m_clock;
  std::optional<Attempt> m_attempt;
  int m_completions = 0;
  std::optional<Measurement> m_result;
};

/// The measurement of a stream that comes in one read and ends as it should.
inline Measurement measure_stream(std::string_view bytes) {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, bytes);
  return drive.end();
}

/// The measurement of a response that is not the expected stream.
inline Measurement measure_response(int status, std::string_view content_type,
                                    std::string_view bytes) {
  Drive drive;
  drive.request_begin();
  if (drive.head(status, content_type) == Flow::go_on) {
    drive.body(1s, bytes);
  }
  return drive.end();
}

}  // namespace inferometer::probe
