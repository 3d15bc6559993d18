#include "web/status_page.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using inferometer::base::WallTime;
using inferometer::measure::LastAttempt;
using inferometer::measure::Outcome;
using inferometer::measure::Summary;
using inferometer::web::render_status_page;

namespace {

constexpr WallTime k_now{1'800'000'000s};

Summary target(const std::string& provider) {
  Summary summary;
  summary.target = {provider, "gpt-4o", "chat-short"};
  return summary;
}

std::string page_of(const Summary& summary) {
  return render_status_page({"1.2.3", k_now - 3h, {summary}}, k_now);
}

bool contains(const std::string& page, std::string_view part) {
  return page.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the page shows each probe with its figures") {
  Summary summary = target("openai");
  summary.attempts = 1234;
  summary.failures = 5;
  summary.last = LastAttempt{"", k_now - 90s, Outcome::success, "", 200, {}, {}, false};
  summary.ttft_p50 = 312ms + 400us;
  summary.ttft_p95 = 1240ms;
  summary.ttft_p99 = 61s;
  summary.itl_p50 = 950us;
  summary.output_tokens_per_second_p50 = 48.26;
  const std::string page = page_of(summary);
  for (const char* part :
       {"openai", "gpt-4o", "chat-short", ">1234<", ">5<", ">312 ms<", ">1.24 s<", ">61.0 s<",
        ">950 µs<", ">48.3<", R"(class="badge good">success<)", ">1 min ago<",
        R"(datetime="2027-01-15T07:58:30Z")", "1.2.3, up 3 h", "1 probe,", ">0 failing<"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("a figure without value is a dash and not a zero") {
  const std::string page = page_of(target("openai"));
  CHECK(contains(page, R"(data-label="TTFT p50">–<)"));
  CHECK(contains(page, R"(data-label="Output tokens/s">–<)"));
  CHECK(contains(page, "no result yet"));
  CHECK(!contains(page, "ago<"));
}

TEST_CASE("a failing probe stands out with its outcome and detail") {
  Summary summary = target("openai");
  summary.last =
      LastAttempt{"", k_now - 2s, Outcome::rate_limited, "HTTP 429: slow down", 429, {}, {}, false};
  const std::string page = page_of(summary);
  CHECK(contains(page, R"(<tr class="failing">)"));
  CHECK(contains(page, R"(class="badge bad">rate_limited<)"));
  CHECK(contains(page, "HTTP 429: slow down"));
  CHECK(contains(page, R"(<strong class="bad">1 failing</strong>)"));
}

TEST_CASE("suspect attempts are counted and the last one says so") {
  Summary summary = target("openai");
  summary.attempts = 3;
  summary.suspects = 3;
  summary.last = LastAttempt{"", k_now - 2s, Outcome::success, "", 200, {}, {}, true};
  const std::string page = page_of(summary);
  CHECK(contains(page, R"(data-label="Suspect">3<)"));
  CHECK(contains(page, R"(<span class="badge">suspect</span>)"));
  summary.last->suspect = false;
  CHECK_FALSE(contains(page_of(summary), R"(<span class="badge">suspect</span>)"));
}

TEST_CASE("the last result links to its measurement") {
  Summary summary = target("openai");
  summary.last =
      LastAttempt{"0123456789abcdef", k_now - 90s, Outcome::success, "", 200, {}, {}, false};
  const std::string page = page_of(summary);
  CHECK(contains(page, R"(<a href="/api/v1/measurements/0123456789abcdef"><time )"));
  CHECK(contains(page, ">1 min ago</time></a>"));
  CHECK(!contains(page_of(target("openai")), R"(href="/api)"));
}

TEST_CASE("names and details cannot become markup") {
  const std::string evil = R"(<script>alert("1")</script>&'")";
  Summary summary = target(evil);
  summary.target.model = evil;
  summary.target.workload = evil;
  summary.last = LastAttempt{evil, k_now, Outcome::stream_error, evil, 200, {}, {}, false};
  const std::string page = render_status_page({evil, k_now, {summary}}, k_now);
  CHECK(!contains(page, "<script"));
  CHECK(!contains(page, "alert(\""));
  const std::string escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;&quot;";
  std::size_t count = 0;
  for (std::size_t at = page.find(escaped); at != std::string::npos;
       at = page.find(escaped, at + 1)) {
    ++count;
  }
  CHECK(count == 6);
}

TEST_CASE("the page needs nothing from elsewhere") {
  const std::string page = page_of(target("openai"));
  for (const char* part : {"<script", "src=", "@import", "url(", "http:", "https:"}) {
    CAPTURE(part);
    CHECK(!contains(page, part));
  }
}

TEST_CASE("no probes at all is said in words") {
  const std::string page = render_status_page({"1.2.3", k_now, {}}, k_now);
  CHECK(contains(page, "No probes are configured."));
  CHECK(!contains(page, "<table"));
}

TEST_CASE("durations keep three digits over all their range") {
  const auto shown = [](inferometer::base::Duration duration) {
    Summary summary = target("openai");
    summary.ttft_p50 = duration;
    const std::string page = page_of(summary);
    const std::string_view label = R"(data-label="TTFT p50">)";
    const std::size_t begin = page.find(label) + label.size();
    return page.substr(begin, page.find('<', begin) - begin);
  };
  CHECK(shown(0ns) == "0.00 µs");
  CHECK(shown(1ns) == "0.00 µs");
  CHECK(shown(1500ns) == "1.50 µs");
  CHECK(shown(999us) == "999 µs");
  CHECK(shown(9996us) == "10.0 ms");
  CHECK(shown(99'960us) == "100 ms");
  CHECK(shown(1s) == "1.00 s");
  CHECK(shown(600s) == "600 s");
}

TEST_CASE("an attempt in the future was 0 s ago as clocks may be set back") {
  Summary summary = target("openai");
  summary.last = LastAttempt{"", k_now + 1h, Outcome::success, "", 200, {}, {}, false};
  CHECK(contains(page_of(summary), ">0 s ago<"));
  summary.last->started_at = k_now - 59s;
  CHECK(contains(page_of(summary), ">59 s ago<"));
  summary.last->started_at = k_now - 60min;
  CHECK(contains(page_of(summary), ">1 h ago<"));
  summary.last->started_at = k_now - 50h;
  CHECK(contains(page_of(summary), ">2 d ago<"));
}
