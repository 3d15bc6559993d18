#include "measure/derive.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

using namespace inferometer::measure;
using namespace std::chrono_literals;

TEST_CASE("TTFT runs from the request and leaves the connection out") {
  Measurement measurement = make_success({200ms, 220ms});
  CHECK(time_to_first_token(measurement) == 200ms);
  measurement.timeline.request_begin.reset();
  CHECK_FALSE(time_to_first_token(measurement).has_value());
}

TEST_CASE("a stream without content has no TTFT and no gaps") {
  const Measurement measurement = make_success({});
  CHECK_FALSE(time_to_first_token(measurement).has_value());
  CHECK(inter_token_latencies(measurement).empty());
  CHECK_FALSE(time_per_output_token(measurement).has_value());
  CHECK_FALSE(output_tokens_per_second(measurement).has_value());
  CHECK(stalls(measurement) == 0);
}

TEST_CASE("first reasoning has a value only where reasoning came") {
  Measurement measurement = make_success();
  CHECK_FALSE(time_to_first_reasoning(measurement).has_value());
  measurement.timeline.first_reasoning = *measurement.timeline.request_begin + 50ms;
  CHECK(time_to_first_reasoning(measurement) == 50ms);
  CHECK(time_to_first_token(measurement) == 200ms);
}

TEST_CASE("gaps are those between consecutive arrivals in order") {
  CHECK(inter_token_latencies(make_success({200ms, 220ms, 250ms, 251ms})) ==
        std::vector<Duration>{20ms, 30ms, 1ms});
  CHECK(inter_token_latencies(make_success({200ms})).empty());
}

TEST_CASE("the bound of a gap is what the arrivals at its two ends leave open") {
  Measurement measurement = make_success({200ms, 220ms, 250ms});
  measurement.content_arrivals[0].last_slack = 1us;
  measurement.content_arrivals[1].first_slack = 4us;
  measurement.content_arrivals[1].last_slack = 2us;
  measurement.content_arrivals[2].first_slack = 8us;
  const auto all = gaps(measurement);
  REQUIRE(all.size() == 2);
  CHECK(all[0].begin == measurement.content_arrivals[0].at);
  CHECK(all[0].span == 20ms);
  CHECK(all[0].bound == 5us);
  CHECK(all[1].span == 30ms);
  CHECK(all[1].bound == 10us);
}

TEST_CASE("a gap that is too inexact is lost and the others stay") {
  Measurement measurement = make_success(
      {100ms, 110ms, 120ms, 130ms, 140ms, 150ms, 160ms, 170ms, 180ms, 190ms, 200ms});  // ten gaps
  measurement.content_arrivals[3].first_slack = 1ms + 1ns;
  CHECK(inter_token_latencies(measurement).size() == 9);
  CHECK(lost_gaps(measurement) == 1);
  measurement.content_arrivals[3].first_slack = 1ms;
  CHECK(inter_token_latencies(measurement).size() == 10);
  CHECK(lost_gaps(measurement) == 0);
}

TEST_CASE("where more than a tenth of the gaps is lost none is kept as those left are the long") {
  Measurement measurement =
      make_success({100ms, 110ms, 120ms, 130ms, 140ms, 150ms, 160ms, 170ms, 180ms, 190ms, 200ms});
  measurement.content_arrivals[3].first_slack = 5ms;
  measurement.content_arrivals[7].first_slack = 5ms;
  CHECK(inter_token_latencies(measurement).empty());
  CHECK(lost_gaps(measurement) == 10);
}

TEST_CASE("time per output token divides by the tokens after the first") {
  Measurement measurement = make_success({200ms, 220ms, 300ms});
  measurement.usage = TokenUsage{.output = 11};
  CHECK(time_per_output_token(measurement) == 10ms);
  CHECK(output_tokens_per_second(measurement) == doctest::Approx(100.0));
}

TEST_CASE("reasoning tokens are not in the divisor") {
  Measurement measurement = make_success({200ms, 300ms});
  measurement.usage = TokenUsage{.output = 1011, .reasoning = 1000};
  CHECK(time_per_output_token(measurement) == 10ms);
  CHECK(output_tokens_per_second(measurement) == doctest::Approx(100.0));
}

TEST_CASE("token rates need reported usage with two visible tokens and a stretch of time") {
  Measurement measurement = make_success({200ms, 300ms});
  SUBCASE("no usage") {
    measurement.usage.reset();
  }
  SUBCASE("no tokens") {
    measurement.usage = TokenUsage{.output = 0};
  }
  SUBCASE("one token") {
    measurement.usage = TokenUsage{.output = 1};
  }
  SUBCASE("one visible token") {
    measurement.usage = TokenUsage{.output = 101, .reasoning = 100};
  }
  SUBCASE("more reasoning than output") {
    measurement.usage = TokenUsage{.output = 5, .reasoning = 6};
  }
  SUBCASE("all text in one read") {
    measurement = make_success({200ms});
  }
  CHECK_FALSE(time_per_output_token(measurement).has_value());
  CHECK_FALSE(output_tokens_per_second(measurement).has_value());
}

TEST_CASE("reasoning text without a count leaves the visible tokens unknown") {
  Measurement measurement = make_success({200ms, 300ms});
  measurement.usage = TokenUsage{.output = 101};
  CHECK(usage_gap(measurement) == UsageGap::none);
  CHECK(time_per_output_token(measurement) == 1ms);
  SUBCASE("in a stream") {
    measurement.timeline.first_reasoning = measurement.timeline.request_begin;
  }
  SUBCASE("in one whole answer") {
    measurement.reasoning_seen = true;
  }
  CHECK(usage_gap(measurement) == UsageGap::reasoning_uncounted);
  measurement.usage->reasoning = 0;
  CHECK(usage_gap(measurement) == UsageGap::reasoning_uncounted);
  CHECK_FALSE(time_per_output_token(measurement).has_value());
  CHECK_FALSE(output_tokens_per_second(measurement).has_value());
  measurement.usage->reasoning = 90;
  CHECK(usage_gap(measurement) == UsageGap::none);
  CHECK(time_per_output_token(measurement) == 10ms);
}

TEST_CASE("usage without a count of the output is a gap of its own") {
  Measurement measurement = make_success();
  measurement.usage = TokenUsage{.input = 10, .reasoning = 3};
  CHECK(usage_gap(measurement) == UsageGap::no_output_count);
  CHECK_FALSE(time_per_output_token(measurement).has_value());
  measurement.usage.reset();
  CHECK(usage_gap(measurement) == UsageGap::no_report);
}

TEST_CASE("every gap has its own name") {
  std::set<std::string_view> names{to_string(UsageGap::none)};
  for (const UsageGap gap : k_usage_gaps) {
    names.insert(to_string(gap));
  }
  CHECK(names.size() == 4);
}

TEST_CASE("two visible tokens are enough for token rates") {
  Measurement measurement = make_success({200ms, 300ms});
  measurement.usage = TokenUsage{.output = 2};
  CHECK(time_per_output_token(measurement) == 100ms);
  CHECK(output_tokens_per_second(measurement) == doctest::Approx(10.0));
}

TEST_CASE("an absurd token count gives no negative time") {
  Measurement measurement = make_success({200ms, 300ms});
  measurement.usage = TokenUsage{.output = std::numeric_limits<std::uint64_t>::max()};
  CHECK(time_per_output_token(measurement) == 0ns);
  CHECK(output_tokens_per_second(measurement).value() > 0);
}

TEST_CASE("duration is the whole attempt with its set-up") {
  Measurement measurement = make_success();
  CHECK(duration(measurement) == 2s);
  measurement.timeline.ended.reset();
  CHECK_FALSE(duration(measurement).has_value());
}

TEST_CASE("the server's TTFT is without the round trip to the host that acknowledged the request") {
  Measurement measurement = make_success({200ms});
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 30ms;
  CHECK_FALSE(server_time_to_first_token(measurement));  // nothing to judge the 30 ms by
  measurement.connection.tcp = TcpStats{.rtt = 40ms, .min_rtt = 20ms};
  CHECK(server_time_to_first_token(measurement) == 170ms);
  measurement.timeline.acknowledged.reset();
  CHECK_FALSE(server_time_to_first_token(measurement));
}

TEST_CASE("an acknowledgement that was held back does not pass as network") {
  Measurement measurement = make_success({200ms});
  measurement.connection.tcp = TcpStats{.rtt = 3ms, .min_rtt = 2ms};
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 5ms;
  CHECK(server_time_to_first_token(measurement) == 195ms);
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 5ms + 1ns;
  CHECK(server_time_to_first_token(measurement) == 198ms);
}

TEST_CASE("where a segment of ours was lost, the server's TTFT is not known") {
  Measurement measurement = make_success({352ms});
  measurement.connection.tcp = TcpStats{.rtt = 20ms, .min_rtt = 20ms, .retransmissions = 1};
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 252ms;
  CHECK_FALSE(server_time_to_first_token(measurement));
}

TEST_CASE("the server's TTFT is never negative") {
  Measurement measurement = make_success({20ms});
  measurement.connection.tcp = TcpStats{.rtt = 30ms, .min_rtt = 25ms};
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 30ms;
  CHECK(server_time_to_first_token(measurement) == 0ms);
}

TEST_CASE("lateness is our own delay and not the wait for a token") {
  Measurement measurement = make_success();
  CHECK(lateness(measurement) == 2ms);
  measurement.token_wait = 500us;
  CHECK(lateness(measurement) == 1500us);
}

TEST_CASE("a stall is a gap longer than the threshold and not one of its length") {
  Measurement measurement = make_success({100ms, 1100ms, 2101ms, 3200ms, 3201ms});
  CHECK(stalls(measurement) == 2);
  measurement.stall_threshold = 10s;
  CHECK(stalls(measurement) == 0);
}

TEST_CASE("a stall is longer than the threshold even without its bound") {
  Measurement measurement = make_success({100ms, 1150ms});
  measurement.content_arrivals[0].last_slack = 20ms;
  measurement.content_arrivals[1].first_slack = 30ms;
  CHECK(stalls(measurement) == 0);
  measurement.content_arrivals[1].first_slack = 30ms - 1ns;
  CHECK(stalls(measurement) == 1);
  REQUIRE(stalled_gaps(measurement).size() == 1);
  CHECK(stalled_gaps(measurement).front().span == 1050ms);
}

TEST_CASE("phases are the stretches between neighbouring marks") {
  const Phases all = phases(make_success());
  CHECK(all.dns == 1ms);
  CHECK(all.connect == 2ms);
  CHECK(all.tls == 3ms);
  CHECK(all.send == 1ms);
  CHECK(all.wait == 99ms);
}

TEST_CASE("a reused connection has no set-up phases") {
  Measurement measurement = make_success();
  measurement.timeline.name_resolved.reset();
  measurement.timeline.connected.reset();
  measurement.timeline.tls_done.reset();
  const Phases reused = phases(measurement);
  CHECK_FALSE(reused.dns.has_value());
  CHECK_FALSE(reused.connect.has_value());
  CHECK_FALSE(reused.tls.has_value());
  CHECK(reused.send == 1ms);
  CHECK(reused.wait == 99ms);
}

TEST_CASE("a phase whose end was not reached has no value") {
  Measurement measurement = make_success();
  measurement.timeline.request_sent.reset();
  CHECK_FALSE(phases(measurement).send.has_value());
  CHECK_FALSE(phases(measurement).wait.has_value());
}

TEST_CASE("an answer that comes before the request is sent gives no negative wait") {
  Measurement measurement = make_success();
  measurement.timeline.first_byte = *measurement.timeline.request_sent - 1ns;
  CHECK_FALSE(phases(measurement).wait.has_value());
  measurement.timeline.first_byte = *measurement.timeline.request_sent;
  CHECK(phases(measurement).wait == 0ns);
}
