#include "web/page/measurement_page.hpp"

#include "fakes/contains.hpp"
#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::fakes::contains;
using namespace inferometer::measure;
using namespace std::chrono_literals;
using inferometer::web::render_measurement_page;

namespace {

/// What the page says beside `name` in one of its tables.
std::string value_of(const std::string& page, const std::string& name) {
  const std::size_t row = page.find("<th scope=\"row\">" + name + "</th>");
  REQUIRE(row != std::string::npos);
  const std::size_t begin = page.find('>', page.find("<td", row)) + 1;
  return page.substr(begin, page.find("</td>", begin) - begin);
}

}  // namespace

TEST_CASE("the page of a success shows who was asked and how it went") {
  Measurement measurement = make_success();
  measurement.request_id = "req_011";
  measurement.connection.http_version = "2";
  measurement.connection.remote_address = "104.18.6.192:443";
  const std::string page = render_measurement_page(measurement);
  CHECK(contains(page, "<h2 class=\"target\">openai / gpt-4o / chat-short</h2>"));
  CHECK(contains(page, R"(class="badge good">success<)"));
  CHECK(
      contains(page, R"(<time datetime="2023-11-14T22:13:20.000Z">2023-11-14 22:13:20.000 UTC<)"));
  CHECK(value_of(page, "Provider") == "openai");
  CHECK(value_of(page, "Model") == "gpt-4o");
  CHECK(value_of(page, "Workload") == "chat-short");
  CHECK(value_of(page, "Id") == "0123456789abcdef");
  CHECK(value_of(page, "Attempt") == "1");
  CHECK(value_of(page, "HTTP status") == "200");
  CHECK(value_of(page, "Provider's request id") == "req_011");
  CHECK(value_of(page, "Connection") == "104.18.6.192:443, HTTP/2, fresh");
  CHECK(value_of(page, "Finish reason") == "stop");
  CHECK(contains(page, "<svg class=\"timeline\""));
  CHECK_FALSE(contains(page, "Suspect"));
  CHECK(page.ends_with("</html>\n"));
}

TEST_CASE("the figures are those that the measurement gives") {
  Measurement measurement = make_success();
  measurement.timeline.first_reasoning = k_start + 150ms;
  measurement.usage->reasoning = 5;
  measurement.coalesced = 2;
  measurement.event_loop_lag = 420us;
  const std::string page = render_measurement_page(measurement);
  CHECK(value_of(page, "Time to first token") == "200 ms");
  CHECK(value_of(page, "Time to first reasoning") == "144 ms");
  CHECK(value_of(page, "Inter-token latency p50") == "25.0 ms");
  CHECK(value_of(page, "Inter-token latency p95") == "29.5 ms");
  CHECK(value_of(page, "Inter-token latency, longest") == "30.0 ms");
  CHECK(value_of(page, "Gaps longer than 1.00 s") == "0");
  CHECK(value_of(page, "Time per output token") == "10.0 ms");
  CHECK(value_of(page, "Output tokens/s") == "100");
  CHECK(value_of(page, "Duration") == "2.00 s");
  CHECK(value_of(page, "Input tokens") == "512");
  CHECK(value_of(page, "… from a cache") == "128");
  CHECK(value_of(page, "Output tokens") == "11");
  CHECK(value_of(page, "… for reasoning") == "5");
  CHECK(value_of(page, "Events with text") == "3");
  CHECK(value_of(page, "… that shared an arrival") == "2");
  CHECK(value_of(page, "Started late by") == "2.00 ms");
  CHECK(value_of(page, "Event-loop lag") == "420 µs");
}

TEST_CASE("the marks stand in the order of time with their distance") {
  const std::string page = render_measurement_page(make_success());
  CHECK(contains(page,
                 "<tr><th scope=\"row\">request_sent</th><td class=\"number\">7.000</td>"
                 "<td class=\"number\">+1.000</td></tr>\n"
                 "<tr><th scope=\"row\">first_byte</th><td class=\"number\">106.000</td>"
                 "<td class=\"number\">+99.000</td></tr>\n"));
  CHECK_FALSE(contains(page, ">first_reasoning<"));
}

TEST_CASE("a failure that reached nothing has a page of dashes and says why") {
  Measurement failure;
  failure.outcome = Outcome::dns_error;
  failure.detail = "Could not resolve host: api.openai.example";
  failure.timeline.started = k_start;
  failure.timeline.ended = k_start + 37ms;
  failure.attempt = 2;
  const std::string page = render_measurement_page(failure);
  CHECK(contains(page, R"(class="badge bad">dns_error<)"));
  CHECK(contains(page, "Could not resolve host: api.openai.example"));
  CHECK(contains(page, "A dashed bar is where the attempt failed."));
  CHECK(value_of(page, "Attempt") == "2, a retry");
  for (const char* name : {"HTTP status", "Provider's request id", "Connection", "Finish reason",
                           "Time to first token", "Inter-token latency p50",
                           "Time per output token", "Output tokens/s", "Input tokens"}) {
    CAPTURE(name);
    CHECK(value_of(page, name) == "–");
  }
  CHECK(value_of(page, "Duration") == "37.0 ms");
}

TEST_CASE("a failure that was judged after its answer has no dashed bar to explain") {
  Measurement failure = make_success();
  failure.outcome = Outcome::validation_failed;
  failure.timeline.finished = failure.timeline.last_content;
  const std::string page = render_measurement_page(failure);
  CHECK(contains(page, R"(class="badge bad">validation_failed<)"));
  CHECK_FALSE(contains(page, "A dashed bar"));
}

TEST_CASE("a suspect measurement says so with its reason") {
  Measurement measurement = make_success();
  measurement.suspect = true;
  measurement.slacks.first_content = 23ms;
  const std::string page = render_measurement_page(measurement);
  CHECK(
      contains(page,
               "<strong>Suspect:</strong> our own stamps leave 23.0 ms of its time to first token "
               "open, and 1.00 ms is what they may"));
  CHECK(value_of(page, "… may be off by") == "23.0 ms");
  measurement.timeline.request_begin = measurement.timeline.ended;
  CHECK(contains(render_measurement_page(measurement),
                 "the stamps of its time to first token contradict each other"));
}

TEST_CASE("what the kernel knows of the connection is on the page") {
  Measurement measurement = make_success();
  CHECK(value_of(render_measurement_page(measurement), "Stamps") == "–");
  measurement.timeline.headers = measurement.timeline.first_byte;
  CHECK(value_of(render_measurement_page(measurement), "Stamps") == "ours, after the read");
  measurement.connection.stamps = StampSource::kernel;
  measurement.connection.tcp =
      TcpStats{.rtt = 12ms, .min_rtt = 11ms, .retransmissions = 0, .out_of_order = 3};
  measurement.connection.certificate_expiry = std::chrono::sys_seconds(253'402'300'799s);
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 12ms;
  const std::string page = render_measurement_page(measurement);
  CHECK(value_of(page, "Stamps") == "the kernel’s");
  CHECK(value_of(page, "TCP round trip") == "12.0 ms, least 11.0 ms");
  CHECK(value_of(page, "TCP segments") == "0 sent again, 3 out of order");
  CHECK(value_of(page, "Network").find("a long gap may be the network") != std::string::npos);
  CHECK(value_of(page, "Certificate expires") == "9999-12-31T23:59:59Z");
  CHECK(value_of(page, "… without the network") == "188 ms");
  CHECK(value_of(page, "acknowledged") == "19.000");
}

TEST_CASE("lost gaps and a wait for a token are on the page") {
  Measurement measurement = make_success();
  CHECK_FALSE(contains(render_measurement_page(measurement), "Waited for a token"));
  measurement.content_arrivals[1].first_slack = 5ms;
  measurement.token_wait = 90ms;
  const std::string page = render_measurement_page(measurement);
  CHECK(value_of(page, "Gaps lost through our own delay") == "2");
  CHECK(value_of(page, "Waited for a token") == "90.0 ms");
}

TEST_CASE("a buffered stream says so with its reason") {
  Measurement measurement = make_success();
  CHECK_FALSE(contains(render_measurement_page(measurement), "Buffered"));
  measurement.content_events = 60;
  measurement.burst_bytes = measurement.content_bytes;
  const std::string page = render_measurement_page(measurement);
  CHECK(contains(page, "<strong>Buffered:</strong>"));
  CHECK(value_of(page, "Time per output token") == "–");
}

TEST_CASE("a refusal shows what the provider allows and when to come back") {
  Measurement refused = make_success({});
  refused.outcome = Outcome::rate_limited;
  refused.http_status = 429;
  refused.retry_after = 648ms;
  refused.rate_limits = {{RateLimitResource::requests, 60, 0, {}},
                         {RateLimitResource::tokens, {}, 12, {}}};
  const std::string page = render_measurement_page(refused);
  CHECK(value_of(page, "HTTP status") == "429");
  CHECK(value_of(page, "Retry after") == "648 ms");
  CHECK(value_of(page, "Rate limit, requests") == "0 of 60 left");
  CHECK(value_of(page, "Rate limit, tokens") == "12 of – left");
}

TEST_CASE("an answer that was not streamed has no first token and says why") {
  Measurement whole = make_success({});
  whole.streamed = false;
  const std::string page = render_measurement_page(whole);
  CHECK(contains(page, "The answer was not streamed"));
  CHECK(value_of(page, "Time to first token") == "–");
  CHECK(value_of(page, "Duration") == "2.00 s");
}

TEST_CASE("what configuration and providers wrote cannot become markup") {
  const std::string evil = R"(</style><script>alert("1")</script>&'{0})";
  Measurement measurement = make_success();
  measurement.id = evil;
  measurement.target = {evil, evil, evil};
  measurement.detail = evil;
  measurement.request_id = evil;
  measurement.connection.http_version = evil;
  measurement.connection.remote_address = evil;
  const std::string page = render_measurement_page(measurement);
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "alert(\""));
  CHECK_FALSE(contains(page, "&'"));
  const std::string escaped =
      "&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;{0}";
  std::size_t count = 0;
  for (std::size_t at = page.find(escaped); at != std::string::npos;
       at = page.find(escaped, at + 1)) {
    ++count;
  }
  CHECK(count == 16);
}

TEST_CASE("the page of a measurement needs nothing from elsewhere") {
  const std::string page = render_measurement_page(make_success());
  for (const char* part :
       {"<script", "src=", "@import", "url(", "http:", "https:", "<link", "xmlns"}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, part));
  }
}

TEST_CASE("the page names the address of the same as JSON") {
  const std::string page = render_measurement_page(make_success());
  CHECK(contains(page, "<code>/api/v1/measurements/0123456789abcdef</code>"));
  CHECK(contains(page, "<code>Accept: application/json</code>"));
}

TEST_CASE("the page of a long answer stays small") {
  Measurement measurement = make_success();
  measurement.content_arrivals.clear();
  for (int i = 0; i < 10'000; ++i) {
    measurement.content_arrivals.push_back({.at = k_start + 206ms + i * 170us});
  }
  measurement.timeline.last_content = measurement.content_arrivals.back().at;
  measurement.stall_threshold = 1us;
  CHECK(render_measurement_page(measurement).size() < 100'000);
}
