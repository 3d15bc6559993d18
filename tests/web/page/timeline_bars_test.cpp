#include "measure/make_measurement.hpp"
#include "web/page/timeline_picture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace inferometer::measure;
using namespace std::chrono_literals;
using inferometer::web::Bar;
using inferometer::web::timeline_bars;

namespace {

/// The bar of that name, which there must be.
Bar bar(const Measurement& measurement, std::string_view name) {
  const auto bars = timeline_bars(measurement);
  const auto found =
      std::find_if(bars.begin(), bars.end(), [&](const Bar& each) { return each.name == name; });
  REQUIRE(found != bars.end());
  return *found;
}

/// The bar in which the attempt failed; several are joined, none is empty.
std::string failed_bar(const Measurement& measurement) {
  std::string names;
  for (const Bar& each : timeline_bars(measurement)) {
    names += each.failed ? each.name : "";
  }
  return names;
}

/// A failure that reached nothing.
Measurement make_failure(Outcome outcome) {
  Measurement failure = make_success({});
  failure.outcome = outcome;
  failure.finish_reason.reset();
  failure.usage.reset();
  failure.timeline = Timeline{};
  failure.timeline.scheduled = k_start;
  failure.timeline.started = k_start;
  failure.timeline.ended = k_start + 5s;
  return failure;
}

}  // namespace

TEST_CASE("the bars of a success are its phases and its answer without a failed one") {
  const Measurement success = make_success();
  CHECK(bar(success, "dns").span == 1ms);
  CHECK(bar(success, "connect").span == 2ms);
  CHECK(bar(success, "tls").span == 3ms);
  CHECK(bar(success, "send").span == 1ms);
  CHECK(bar(success, "wait").span == 99ms);
  CHECK(bar(success, "first text").span == 100ms);
  CHECK(bar(success, "TTFT").span == 200ms);
  CHECK(bar(success, "stream").span == 50ms);
  CHECK(bar(success, "end").span == 1744ms);
  CHECK(bar(success, "wait").begin == k_start + 7ms);
  CHECK(bar(success, "TTFT").begin == k_start + 6ms);
  CHECK(failed_bar(success).empty());
}

TEST_CASE("a reused connection has no bars of a set-up that did not happen") {
  Measurement reused = make_success();
  reused.connection.reused = true;
  reused.timeline.name_resolved.reset();
  reused.timeline.connected.reset();
  reused.timeline.tls_done.reset();
  for (const char* name : {"dns", "connect", "tls"}) {
    CAPTURE(name);
    CHECK_FALSE(bar(reused, name).span.has_value());
  }
  CHECK(bar(reused, "send").span == 1ms);
  CHECK(failed_bar(reused).empty());
}

TEST_CASE("reasoning has a bar of its own where there was some") {
  Measurement measurement = make_success();
  CHECK(timeline_bars(measurement).size() == 9);
  measurement.timeline.first_reasoning = k_start + 150ms;
  CHECK(timeline_bars(measurement).size() == 10);
  CHECK(bar(measurement, "reasoning").span == 56ms);
}

TEST_CASE("a failure is shown in the part that was under way and lasts until the end") {
  Measurement failure = make_failure(Outcome::dns_error);
  CHECK(failed_bar(failure) == "dns");
  CHECK(bar(failure, "dns").span == 5s);
  Timeline& timeline = failure.timeline;
  timeline.name_resolved = k_start + 1s;
  CHECK(failed_bar(failure) == "connect");
  CHECK(bar(failure, "dns").span == 1s);
  CHECK(bar(failure, "connect").span == 4s);
  timeline.connected = k_start + 2s;
  CHECK(failed_bar(failure) == "tls");
  timeline.tls_done = timeline.request_begin = k_start + 2s;
  CHECK(failed_bar(failure) == "send");
  timeline.request_sent = k_start + 2s;
  CHECK(failed_bar(failure) == "wait");
  CHECK(bar(failure, "wait").span == 3s);
  timeline.first_byte = k_start + 3s;
  CHECK(failed_bar(failure) == "first text");
  timeline.first_reasoning = k_start + 3s;
  CHECK(failed_bar(failure) == "reasoning");
  timeline.first_content = timeline.last_content = k_start + 4s;
  CHECK(failed_bar(failure) == "end");
  CHECK(bar(failure, "end").span == 1s);
}

TEST_CASE("a plain connection that fails has no bar of TLS to blame") {
  Measurement failure = make_failure(Outcome::connection_lost);
  failure.timeline.name_resolved = k_start + 1ms;
  failure.timeline.connected = failure.timeline.request_begin = k_start + 2ms;
  failure.timeline.request_sent = k_start + 3ms;
  CHECK(failed_bar(failure) == "wait");
  CHECK_FALSE(bar(failure, "tls").span.has_value());
}

TEST_CASE("an answer that came to its end and was judged afterwards failed in no part") {
  Measurement failure = make_success();
  failure.timeline.finished = k_start + 300ms;
  failure.outcome = Outcome::validation_failed;
  CHECK(failed_bar(failure).empty());
}

TEST_CASE("an answer that was not streamed is one bar without a first text or a stream") {
  Measurement whole = make_success({});
  whole.streamed = false;
  const auto bars = timeline_bars(whole);
  REQUIRE(bars.size() == 6);
  CHECK(bars.back().name == "answer");
  CHECK(bars.back().span == 1894ms);
  CHECK(failed_bar(whole).empty());
  whole.outcome = Outcome::connection_lost;
  CHECK(failed_bar(whole) == "answer");
}

TEST_CASE("a stretch whose marks stand in the wrong order has no span") {
  Measurement measurement = make_success();
  measurement.timeline.first_byte = *measurement.timeline.first_content + 1ms;
  CHECK_FALSE(bar(measurement, "first text").span.has_value());
  measurement.timeline.ended = k_start;
  CHECK_FALSE(bar(measurement, "end").span.has_value());
  CHECK(failed_bar(measurement).empty());
}
