#include "web/page/status_page.hpp"

#include "fakes/contains.hpp"
#include "web/make_status.hpp"
#include "web/page/status_script.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <utility>

namespace inferometer::web {
namespace {

using inferometer::fakes::contains;
using measure::Outcome;
using measure::PastAttempt;
using test::k_now;
using test::make_status;
using test::make_target;
using namespace std::chrono_literals;

std::string page_of(TargetStatus target) {
  return render_status_page(make_status({std::move(target)}), "", k_now);
}

/// The page without its script, which has words of its own.
std::string without_script(const std::string& page) {
  return page.substr(0, page.find("<script>"));
}

std::size_t count(const std::string& page, std::string_view part) {
  std::size_t result = 0;
  for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) {
    ++result;
  }
  return result;
}

std::string sha256_base64(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  REQUIRE(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

}  // namespace

TEST_CASE("the page shows each target with its figures") {
  TargetStatus target = make_target("openai", Outcome::success);
  target.summary.attempts = 1234;
  target.summary.failures = 5;
  target.summary.ttft_p50 = 312ms + 400us;
  target.summary.ttft_p95 = 1240ms;
  target.summary.ttft_p99 = 61s;
  target.summary.itl_p50 = 950us;
  target.summary.output_tokens_per_second_p50 = 48.26;
  target.summary.skips = {{"overlap", 2}, {"rate_limited", 5}};
  target.summary.certificate_expiry =
      std::chrono::floor<std::chrono::seconds>(k_now) + std::chrono::days(63);
  target.next_run = k_now + 12s;
  target.server = ServerQueue{.up = true, .running = 3, .waiting = 17};
  const std::string page = page_of(target);
  for (const char* part :
       {"<b>openai</b>", "gpt-4o", "chat-short", R"(class="attempts">1234<)", ">5</a>",
        R"(class="p50">312 ms<)", R"(class="p95">1.24 s<)", R"(class="p99">61.0 s<)",
        R"(class="itl">950 µs<)", R"(class="speed">48.3<)", ">1 min ago<",
        R"(datetime="2027-01-15T07:58:30Z")", "1.2.3, up 3 h", "<b>1</b> target<",
        R"(class="skipped"><span title="overlap: 2, rate_limited: 5">7<)", "3 / 17", ">63 d<",
        ">in 12 s<"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("a figure without value is a dash and not a zero") {
  const std::string page = page_of(make_target("openai"));
  CHECK(contains(page, R"(class="p50 none">–<)"));
  CHECK(contains(page, R"(class="speed none">–<)"));
  CHECK(contains(page, "no result yet"));
}

TEST_CASE("columns that nothing has anything for are left out") {
  const std::string page = without_script(page_of(make_target("openai", Outcome::success)));
  for (const char* part : {R"(class="next)", R"(class="queue)", R"(class="cert)", ">Queue<"}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, "<td " + std::string(part)));
  }
  CHECK_FALSE(contains(page, ">Queue</th>"));
}

TEST_CASE("a failing target stands out with its outcome in words and its detail") {
  TargetStatus target = make_target("openai", Outcome::rate_limited);
  target.summary.failing = measure::FailingRun{.since = k_now - 14min, .attempts = 28};
  const std::string page = page_of(target);
  CHECK(contains(page, R"(<tr class="failing">)"));
  CHECK(contains(page, R"(class="badge bad" title="rate_limited: too many requests or tokens">)"));
  CHECK(contains(page, "✕ rate limited<"));
  CHECK(contains(page, "HTTP 429: slow down"));
  CHECK(contains(page, "28 in a row, the first <time"));
  CHECK(contains(page, R"(class="bad"><b>1</b> failing<)"));
  CHECK(contains(page, "<title>1 failing – Inferometer</title>"));
}

TEST_CASE("a failure without a detail is explained") {
  TargetStatus target = make_target("openai", Outcome::stalled);
  target.summary.last->detail.clear();
  CHECK(contains(page_of(target), "text began, then no more came</p>"));
}

TEST_CASE("a suspect attempt is told from a good one") {
  const std::string page = page_of(make_target("openai", Outcome::success, true));
  CHECK(contains(page, R"(<tr class="suspect">)"));
  CHECK(contains(page, "? suspect<"));
  CHECK(contains(page, "this host was too slow to time it well"));
  CHECK(contains(page, "outcome=suspect\">1</a>"));
}

TEST_CASE("a hold is shown until it ends") {
  TargetStatus target = make_target("openai", Outcome::rate_limited);
  target.held_until = k_now + 4min;
  CHECK(contains(page_of(target), R"(<span class="badge warn">held</span> until <time)"));
  target.held_until = k_now - 1s;
  CHECK_FALSE(contains(page_of(target), R"(badge warn">held)"));
}

TEST_CASE("where nothing streams the figures are durations and say so") {
  TargetStatus target = make_target("openai", Outcome::success);
  target.summary.streamed = false;
  target.summary.duration_p50 = 1900ms;
  const std::string page = page_of(target);
  CHECK(contains(page, R"(class="p50 whole">1.90 s<)"));
  CHECK(contains(page, "<b>2.00 s</b> in all"));
  CHECK(contains(page, "<title>Duration: up to"));
}

TEST_CASE("a certificate that expires soon stands out") {
  TargetStatus target = make_target("openai", Outcome::success);
  const auto now = std::chrono::floor<std::chrono::seconds>(k_now);
  const auto shown = [&](std::chrono::seconds left) {
    target.summary.certificate_expiry = now + left;
    return page_of(target);
  };
  CHECK(contains(shown(std::chrono::days(14)), R"(<td class="cert")"));
  CHECK(contains(shown(std::chrono::days(13)), R"(<td class="cert warn")"));
  CHECK(contains(shown(std::chrono::days(2)), R"(<td class="cert bad")"));
  CHECK(contains(shown(std::chrono::seconds(-1)), ">expired<"));
  // Certificates that never expire say so with the year 9999.
  CHECK(contains(shown(std::chrono::years(7972)), R"(title="expires 99)"));
}

TEST_CASE("ticks lead to the timelines that are kept, and all of them tell how it went") {
  TargetStatus target = make_target("openai", Outcome::success);
  target.summary.history = {
      {.id = 1, .started_at = k_now - 3min, .outcome = Outcome::success, .figure = 300ms},
      {.id = 2, .started_at = k_now - 2min, .outcome = Outcome::stalled},
      {.id = 0xabc,
       .started_at = k_now - 1min,
       .outcome = Outcome::success,
       .suspect = true,
       .figure = 400ms}};
  target.kept = 0b110;
  const std::string page = page_of(target);
  CHECK(contains(page, R"(<i title="07:57:00 UTC success 300 ms"></i>)"));
  CHECK(contains(page, R"(<a href=api/v1/measurements/0000000000000002 class=f )"
                       R"(title="07:58:00 UTC stalled"></a>)"));
  CHECK(contains(page, R"(<a href=api/v1/measurements/0000000000000abc class=s )"
                       R"(title="07:59:00 UTC success 400 ms, suspect"></a>)"));
}

TEST_CASE("the line is broken where an attempt has no figure and spans 0 to the highest") {
  TargetStatus target = make_target("openai", Outcome::success);
  const auto attempt = [](std::optional<base::Duration> figure) {
    return PastAttempt{.id = 1,
                       .started_at = k_now,
                       .outcome = figure ? Outcome::success : Outcome::stalled,
                       .figure = figure};
  };
  target.summary.history = {attempt(200ms), attempt(400ms), attempt({}), attempt(0ms), attempt({})};
  CHECK(contains(page_of(target), R"(<path d="M25 10h0L26 0M28 20h0"/>)"));
  target.summary.history = {attempt(0ms)};
  CHECK_FALSE(contains(page_of(target), "<path"));
  target.summary.history = {attempt({})};
  CHECK_FALSE(contains(page_of(target), "<path"));
}

TEST_CASE("names and details cannot become markup") {
  const std::string evil = R"(<script>alert("1")</script>&'")";
  TargetStatus target = make_target(evil, Outcome::stream_error);
  target.summary.target.model = evil;
  target.summary.target.workload = evil;
  target.summary.last->id = evil;
  target.summary.last->detail = evil;
  Status status = make_status({target});
  status.version = evil;
  status.failed_reload = FailedReload{.at = k_now, .error = evil};
  const std::string page = without_script(render_status_page(status, evil, k_now));
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "alert(\""));
  // The evil filter matches: version, error, filter, three names, id, detail.
  CHECK(count(page, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;&quot;") == 8);
  const std::string none =
      without_script(render_status_page(make_status({make_target("a")}), evil, k_now));
  CHECK_FALSE(contains(none, "<script"));
  CHECK(contains(none, "No target matches <q>&lt;script"));
}

TEST_CASE("a name is encoded where it stands in a link") {
  TargetStatus target = make_target("a&b", Outcome::stalled);
  target.summary.target.model = "meta/Llama 3";
  CHECK(contains(page_of(target),
                 R"(href="api/v1/measurements?provider=a%26b&amp;model=meta%2FLlama%203&amp;)"
                 R"(workload=chat-short&amp;outcome=failed">1</a>)"));
}

TEST_CASE("the page needs nothing from elsewhere and works below any path") {
  const std::string page = page_of(make_target("openai", Outcome::stalled));
  for (const char* part : {"src=", "@import", "url(", "https:", "href=\"/", "href=/", "action="}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, part));
  }
  CHECK(count(page, "http:") == 1);  // the name space of the icon's SVG
  CHECK(contains(page, "http://www.w3.org/2000/svg"));
}

TEST_CASE("the policy lets the page run its own script and no other") {
  CHECK(k_status_script_sha256 == sha256_base64(k_status_script));
  CHECK(
      contains(page_of(make_target("a")), "<script>" + std::string(k_status_script) + "</script>"));
  const std::string policy = status_page_policy();
  CHECK(contains(policy, "script-src 'sha256-" + std::string(k_status_script_sha256) + "';"));
  CHECK(contains(policy, "default-src 'none'"));
  CHECK_FALSE(contains(std::string(k_status_script), "</"));  // would end the script's element
}

TEST_CASE("without scripts the page refreshes itself and keeps its filter") {
  const std::string page = render_status_page(make_status({make_target("a")}), "a", k_now);
  CHECK(contains(page, R"(<noscript><meta http-equiv="refresh" content="15"></noscript>)"));
  CHECK(contains(page, R"(name="filter" value="a")"));
}

TEST_CASE("a filter narrows the rows and leaves the totals") {
  const Status status = make_status(
      {make_target("anthropic", Outcome::success), make_target("openai", Outcome::stalled)});
  const std::string page = render_status_page(status, "anthropic", k_now);
  CHECK(contains(page, "<b>anthropic</b>"));
  CHECK_FALSE(contains(page, "<b>openai</b>"));
  CHECK(contains(page, R"(<b>2</b> targets)"));
  CHECK(contains(page, R"(class="bad"><b>1</b> failing)"));
}

TEST_CASE("no probes at all is said with what to do") {
  const std::string page = render_status_page(make_status({}), "", k_now);
  CHECK(contains(page, "Nothing is probed yet"));
  CHECK(contains(page, "POST /-/reload"));
  CHECK_FALSE(contains(page, "<table"));
  CHECK_FALSE(contains(page, "<form"));
}

TEST_CASE("a refused configuration and a shutdown are said at the top") {
  Status status = make_status({make_target("a")});
  CHECK_FALSE(contains(render_status_page(status, "", k_now), "class=\"notice"));
  status.failed_reload = FailedReload{.at = k_now - 5min, .error = "a.yml:3:1: unknown key <x>"};
  status.draining = true;
  const std::string page = render_status_page(status, "", k_now);
  CHECK(contains(page, "The configuration was not reloaded"));
  CHECK(contains(page, ">5 min ago<"));
  CHECK(contains(page, "<pre>a.yml:3:1: unknown key &lt;x&gt;</pre>"));
  CHECK(contains(page, "Shutting down"));
}

TEST_CASE("a page of a thousand targets that all fail is bounded, and of more the rest is named") {
  std::vector<TargetStatus> targets;
  for (int i = 0; i < 1500; ++i) {
    TargetStatus target = make_target("a-provider-" + std::to_string(i), Outcome::connection_lost);
    target.summary.target.model = "meta-llama/Llama-3.3-70B-Instruct";
    target.summary.history.assign(measure::k_history, target.summary.history.front());
    target.summary.suspects = 100'000;
    // More timelines than are ever kept.
    target.kept = i < 300 ? ~std::bitset<measure::k_history>() : 0;
    target.server = ServerQueue{.up = true, .running = 3, .waiting = 17};
    target.next_run = k_now + 12s;
    targets.push_back(std::move(target));
  }
  const std::string page = render_status_page(make_status(std::move(targets)), "", k_now);
  CHECK(count(page, "<tr class=") == k_max_rows);
  CHECK(contains(page, "The first 1000 of 1500 targets"));
  CHECK(page.size() < 3'000'000);
}

TEST_CASE(
    "a page of a thousand targets of which a tenth fail has one and a half megabytes at most") {
  std::vector<TargetStatus> targets;
  for (int i = 0; i < 1000; ++i) {
    const bool fails = i % 10 == 0;
    TargetStatus target = make_target("a-provider-" + std::to_string(i),
                                      fails ? Outcome::connection_lost : Outcome::success);
    target.summary.target.model = "meta-llama/Llama-3.3-70B-Instruct";
    target.summary.history.assign(measure::k_history, target.summary.history.front());
    target.summary.ttft_p50 = target.summary.ttft_p95 = target.summary.ttft_p99 = 312ms;
    target.summary.itl_p50 = 20ms;
    target.kept = fails ? ~std::bitset<measure::k_history>() : 0b111U << 27U;  // the newest
    target.server = ServerQueue{.up = true, .running = 3, .waiting = 17};
    target.next_run = k_now + 12s;
    targets.push_back(std::move(target));
  }
  const std::string page = render_status_page(make_status(std::move(targets)), "", k_now);
  CHECK(count(page, "scope=\"row\"") == 1000);
  CHECK(page.size() < 1'500'000);
  CHECK(contains(page, "<i class=r style=--n:27></i>"));
}

TEST_CASE("durations keep three digits over all their range") {
  const auto shown = [](base::Duration duration) {
    TargetStatus target = make_target("openai");
    target.summary.ttft_p50 = duration;
    const std::string page = page_of(target);
    const std::string_view label = R"(<td class="p50">)";
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

TEST_CASE("times are told from now on both sides of it") {
  const auto shown = [](base::Duration after) {
    TargetStatus target = make_target("openai", Outcome::success);
    target.summary.last->started_at = k_now + after;
    return page_of(target);
  };
  CHECK(contains(shown(1h), ">in 1 h<"));  // as clocks may be set back
  CHECK(contains(shown(0s), ">0 s ago<"));
  CHECK(contains(shown(-59s), ">59 s ago<"));
  CHECK(contains(shown(-60min), ">1 h ago<"));
  CHECK(contains(shown(-50h), ">2 d ago<"));
}

}  // namespace inferometer::web
