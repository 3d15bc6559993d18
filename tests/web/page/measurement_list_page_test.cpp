#include "web/page/measurement_list_page.hpp"

#include "fakes/contains.hpp"
#include "measure/make_measurement.hpp"
#include "web/make_status.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace inferometer::web {
namespace {

using inferometer::fakes::contains;
using measure::Measurement;
using test::k_now;
using namespace std::chrono_literals;

const Retention k_retention{.room = {},
                            .reach = {.successes = k_now - 10min, .failures = k_now - 26h},
                            .started = k_now - 50h};

std::string list(Measurement measurement, std::string_view query = "") {
  return render_measurement_list({std::make_shared<const Measurement>(std::move(measurement))},
                                 read_measurement_query(query).value(), k_retention, k_now);
}

}  // namespace

TEST_CASE("the list shows each attempt and leads to its timeline") {
  Measurement failure = measure::make_success();
  failure.outcome = measure::Outcome::stream_error;
  failure.detail = "overloaded <b>";
  failure.suspect = true;
  failure.started_at = k_now - 3min;
  const std::string page = list(failure, "outcome=failed&provider=openai");
  for (const char* part :
       {"<h2 class=\"target\">Latest failed attempts of openai</h2>",
        R"(<a href="measurements/0123456789abcdef"><time)", ">3 min ago<",
        "openai / gpt-4o / chat-short", "✕ stream error<", "? suspect<", ">200 ms<", ">2.00 s<",
        "overloaded &lt;b&gt;",
        R"(<a href="measurements?provider=openai&amp;outcome=failed&amp;sort=slowest">Slowest)",
        R"(<a href="measurements?provider=openai&amp;outcome=failed" aria-current="page">Failed)",
        R"(<a href="../../">Status</a>)"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("an empty list says how far back measurements are kept") {
  const std::string page =
      render_measurement_list({}, read_measurement_query("").value(), k_retention, k_now);
  CHECK(contains(page, "There are none among the measurements that are kept."));
  CHECK(contains(page, "up to 5 MiB of good ones, the oldest of them started <time"));
  CHECK(contains(page, "up to 3 MiB of failed and suspect ones"));
  CHECK(contains(page, ">10 min ago<"));
  CHECK(contains(page, ">1 d ago<"));
}

TEST_CASE("names in a list's query cannot become markup") {
  const std::string page = list(measure::make_success(), "provider=%3Cscript%3E%22&model=a%26b");
  CHECK_FALSE(contains(page, "<script"));
  CHECK(contains(page, "of &lt;script&gt;&quot; / a&amp;b</h2>"));
  CHECK(contains(page, "provider=%3Cscript%3E%22&amp;model=a%26b"));
}

TEST_CASE("the pages work below any path") {
  for (const std::string& page : {list(measure::make_success(), "outcome=suspect"),
                                  render_unknown_measurement("0123", k_retention, k_now)}) {
    CHECK_FALSE(contains(page, "href=\"/"));
    CHECK_FALSE(contains(page, "src="));
  }
}

TEST_CASE("an attempt that is not kept any more gets a page that says why") {
  const std::string page = render_unknown_measurement("0123456789abcdef", k_retention, k_now);
  CHECK(contains(page, "Attempt 0123456789abcdef is not kept any more"));
  CHECK(contains(page, "up to 5 MiB of good ones"));
  CHECK(contains(page, "still in the metrics that Prometheus has scraped"));
  CHECK(contains(page, R"(<a href="../../../">Status</a>)"));
}

}  // namespace inferometer::web
