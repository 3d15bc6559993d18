#include "web/page/timeline_picture.hpp"

#include "fakes/contains.hpp"
#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using inferometer::fakes::contains;
using namespace inferometer::measure;
using namespace std::chrono_literals;
using inferometer::web::render_timeline_picture;

namespace {

/// What stands between `begin` and the next `end`; empty if there is none.
std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) {
    return "";
  }
  const std::size_t from = at + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

std::size_t count(const std::string& text, char c) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

std::string path_of(const std::string& svg, const std::string& kind) {
  return between(svg, "<path class=\"" + kind + "\" d=\"", "\"");
}

/// The labels of the axis, joined by blanks.
std::string labels_of(const Measurement& measurement) {
  std::string svg = render_timeline_picture(measurement);
  std::string labels;
  while (contains(svg, "class=\"label")) {
    svg.erase(0, svg.find("class=\"label") + 1);
    labels += between(svg, ">", "<") + " ";
  }
  return labels;
}

Measurement lasting(Duration length) {
  Measurement measurement = make_success({});
  measurement.timeline = Timeline{};
  measurement.timeline.started = k_start;
  measurement.timeline.ended = k_start + length;
  return measurement;
}

/// A success of two seconds, so that one slot of the picture is a millisecond.
Measurement with_arrivals(const std::vector<MonotonicTime>& arrivals) {
  Measurement measurement = make_success({});
  measurement.timeline.first_content = arrivals.front();
  measurement.timeline.last_content = arrivals.back();
  for (const MonotonicTime arrival : arrivals) {
    measurement.content_arrivals.push_back({.at = arrival});
  }
  return measurement;
}

std::vector<MonotonicTime> ten_thousand_arrivals(Duration gap) {
  std::vector<MonotonicTime> arrivals(10'000, k_start + 200ms);
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    arrivals[i] = arrivals[i - 1] + gap;
  }
  return arrivals;
}

}  // namespace

TEST_CASE("bars and the marks of TTFT stand where they were on the axis") {
  const std::string svg = render_timeline_picture(make_success());
  CHECK(contains(svg, R"(class="wait" x="0.35%" width="4.95%")"));
  CHECK(contains(svg, R"(class="ttft" x1="0.30%" x2="10.30%")"));
  CHECK(contains(svg, R"(class="first" x1="10.30%" x2="10.30%")"));
  CHECK(path_of(svg, "tick") == "M206 3v16M226 3v16M256 3v16");
}

TEST_CASE("a bar too short for its place on the axis is drawn all the same") {
  Measurement measurement = make_success();
  measurement.timeline.ended = k_start + 1h;
  CHECK(contains(render_timeline_picture(measurement), R"(class="setup" x="0.00%" width="0.01%")"));
}

TEST_CASE("arrivals within one half pixel are one tick however many there are") {
  const std::string svg = render_timeline_picture(with_arrivals(ten_thousand_arrivals(100us)));
  CHECK(count(path_of(svg, "tick"), 'M') == 1000);
  CHECK(path_of(svg, "stall").empty());
  CHECK(svg.size() < 40'000);
}

TEST_CASE("gaps longer than the stall threshold are outlined and the longest has its length") {
  const std::string one = render_timeline_picture(
      with_arrivals({k_start + 200ms, k_start + 300ms, k_start + 1400ms, k_start + 1401ms}));
  CHECK(path_of(one, "stall") == "M300 0H1400v22H300z");
  CHECK(contains(one, ">gap 1.10 s<"));

  Measurement two = with_arrivals(
      {k_start + 200ms, k_start + 800ms, k_start + 1500ms, k_start + 1600ms, k_start + 1900ms});
  two.stall_threshold = 300ms;
  const std::string svg = render_timeline_picture(two);
  CHECK(path_of(svg, "stall") == "M200 0H800v22H200zM800 0H1500v22H800z");
  CHECK(contains(svg, ">longest gap 700 ms<"));
  CHECK(contains(svg, "2 gaps over the stall threshold"));
}

TEST_CASE("ten thousand gaps over a tiny threshold do not make the picture grow") {
  Measurement measurement = with_arrivals(ten_thousand_arrivals(150us));
  measurement.stall_threshold = 1us;
  const std::string svg = render_timeline_picture(measurement);
  CHECK(count(path_of(svg, "stall"), 'M') <= 2000);
  CHECK(svg.size() < 100'000);
}

TEST_CASE("the axis has round labels in a unit that suits its length") {
  CHECK(labels_of(lasting(2s)) == "0 500 1000 1500 2000 ");
  CHECK(labels_of(lasting(37ms)) == "0 5 10 15 20 25 30 35 ");
  CHECK(labels_of(lasting(120s)) == "0 20 40 60 80 100 120 ");
  CHECK(labels_of(lasting(1ms)) == "0 200 400 600 800 1000 ");
  CHECK(contains(render_timeline_picture(lasting(1ms)), ">µs<"));
  CHECK(contains(render_timeline_picture(lasting(37ms)), ">ms<"));
  CHECK(contains(render_timeline_picture(lasting(120s)), ">s<"));
}

TEST_CASE("an attempt that ended at once or not at all has a picture without nonsense") {
  Measurement unended = lasting(0ns);
  unended.timeline.ended.reset();
  for (const Measurement& measurement : {lasting(0ns), unended, Measurement{}}) {
    const std::string svg = render_timeline_picture(measurement);
    CHECK(contains(svg, "</svg>"));
    CHECK_FALSE(contains(svg, "nan"));
    CHECK_FALSE(contains(svg, "inf"));
    CHECK_FALSE(contains(svg, "%\" width=\"-"));
    CHECK_FALSE(contains(svg, R"(class="tick")"));
  }
}

TEST_CASE("a failure is drawn dashed and said in words") {
  Measurement failure = lasting(37ms);
  failure.outcome = Outcome::dns_error;
  const std::string svg = render_timeline_picture(failure);
  CHECK(contains(svg, R"(class="failed" x="0.00%" width="100.00%")"));
  CHECK(contains(svg, ">37.0 ms failed<"));
}

TEST_CASE("the picture tells those who do not see it what it shows") {
  const std::string svg = render_timeline_picture(make_success());
  CHECK(contains(svg, R"(role="img" aria-labelledby="picture-title picture-text")"));
  CHECK(between(svg, R"(<title id="picture-title">)", "<") == "Timeline: success after 2.00 s");
  CHECK(between(svg, R"(<desc id="picture-text">)", "<") ==
        "dns 1.00 ms, connect 2.00 ms, tls 3.00 ms, send 1.00 ms, wait 99.0 ms, "
        "first text 100 ms, TTFT 200 ms, stream 50.0 ms, end 1.74 s, "
        "3 arrivals of text, 0 gaps over the stall threshold");
}
