#include "exposition/text.hpp"

#include "exposition/oracle.hpp"
#include "exposition/samples.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::exposition;
using inferometer::metrics::Metric;
using inferometer::metrics::MetricType;
using inferometer::metrics::Sample;
using inferometer::metrics::SummarySample;

namespace {

/// The line of a gauge with that label, without its value.
std::string labelled(std::string value) {
  const std::string text = write_text({{&k_some_gauge, {sample(1, {{"l", std::move(value)}})}}});
  const std::string before = "# HELP g Some gauge.\n# TYPE g gauge\ng";
  REQUIRE(text.starts_with(before));
  REQUIRE(text.ends_with(" 1\n"));
  return text.substr(before.size(), text.size() - before.size() - 3);
}

}  // namespace

TEST_CASE("no families give no text") {
  CHECK(write_text({}).empty());
}

TEST_CASE("a family without samples is left out of the text") {
  CHECK(write_text({{&k_some_counter, {}}}).empty());
}

TEST_CASE("a counter has help and type and one line for each sample") {
  CHECK(write_text({{&k_some_counter,
                     {sample(3, {{"provider", "openai"}, {"model", "gpt-4o"}}), sample(4.5)}}}) ==
        "# HELP c_total Some counter.\n"
        "# TYPE c_total counter\n"
        "c_total{provider=\"openai\",model=\"gpt-4o\"} 3\n"
        "c_total 4.5\n");
}

TEST_CASE("a label of its own comes after those that a sample shares") {
  Sample both = sample(1, {{"provider", "openai"}});
  both.last_label = {"reason", "dns_error"};
  const Sample alone{.labels = nullptr, .last_label = both.last_label, .value = 2.0};
  CHECK(write_text({{&k_some_counter, {both, alone}}}) ==
        "# HELP c_total Some counter.\n"
        "# TYPE c_total counter\n"
        "c_total{provider=\"openai\",reason=\"dns_error\"} 1\n"
        "c_total{reason=\"dns_error\"} 2\n");
}

TEST_CASE("a summary has its sum and its count and no quantiles") {
  CHECK(
      write_text({{&k_some_summary,
                   {sample(SummarySample{.count = 3, .sum = 0.75}, {{"provider", "openai"}})}}}) ==
      "# HELP s_seconds Some summary.\n"
      "# TYPE s_seconds summary\n"
      "s_seconds_sum{provider=\"openai\"} 0.75\n"
      "s_seconds_count{provider=\"openai\"} 3\n");
}

TEST_CASE("families follow each other in the order given") {
  CHECK(write_text({{&k_some_gauge, {sample(1)}}, {&k_some_counter, {sample(2)}}}) ==
        "# HELP g Some gauge.\n# TYPE g gauge\ng 1\n"
        "# HELP c_total Some counter.\n# TYPE c_total counter\nc_total 2\n");
}

TEST_CASE("a histogram has its buckets with le last and the sum and the count") {
  CHECK(write_text(
            {{&k_some_histogram,
              {sample(histogram({{0.0015, 1}, {2.0, 4}}, 7.25, 5), {{"provider", "openai"}})}}}) ==
        "# HELP h_seconds Some histogram.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_bucket{provider=\"openai\",le=\"0.0015\"} 1\n"
        "h_seconds_bucket{provider=\"openai\",le=\"2.0\"} 4\n"
        "h_seconds_bucket{provider=\"openai\",le=\"+Inf\"} 5\n"
        "h_seconds_sum{provider=\"openai\"} 7.25\n"
        "h_seconds_count{provider=\"openai\"} 5\n");
}

TEST_CASE("a histogram without labels has le alone") {
  CHECK(write_text({{&k_some_histogram, {sample(histogram({}, 7, 2))}}}) ==
        "# HELP h_seconds Some histogram.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_bucket{le=\"+Inf\"} 2\n"
        "h_seconds_sum 7\n"
        "h_seconds_count 2\n");
}

TEST_CASE("histograms of one family may have different bounds") {
  const std::string text =
      write_text({{&k_some_histogram,
                   {sample(histogram({{1, 1}, {2, 2}}, 0, 3)), sample(histogram({{1, 4}}, 0, 5)),
                    sample(histogram({{1, 6}, {3, 7}}, 0, 8))}}});
  CHECK(text ==
        "# HELP h_seconds Some histogram.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_bucket{le=\"1.0\"} 1\n"
        "h_seconds_bucket{le=\"2.0\"} 2\n"
        "h_seconds_bucket{le=\"+Inf\"} 3\n"
        "h_seconds_sum 0\n"
        "h_seconds_count 3\n"
        "h_seconds_bucket{le=\"1.0\"} 4\n"
        "h_seconds_bucket{le=\"+Inf\"} 5\n"
        "h_seconds_sum 0\n"
        "h_seconds_count 5\n"
        "h_seconds_bucket{le=\"1.0\"} 6\n"
        "h_seconds_bucket{le=\"3.0\"} 7\n"
        "h_seconds_bucket{le=\"+Inf\"} 8\n"
        "h_seconds_sum 0\n"
        "h_seconds_count 8\n");
}

TEST_CASE("text has no exemplars: with one Prometheus would refuse the whole scrape") {
  auto value = histogram({{1, 1}}, 0.5, 1);
  value.exemplars = {{1, 0.5, 1'700'000'000}};
  CHECK(write_text({{&k_some_histogram, {sample(value)}}}).find(" # ") == std::string::npos);
}

TEST_CASE("label values cannot break out of their quotes") {
  CHECK(labelled("a\\b\"c\nd") == "{l=\"a\\\\b\\\"c\\nd\"}");
  CHECK(labelled("\"} 1\nfake 2\n") == "{l=\"\\\"} 1\\nfake 2\\n\"}");
  CHECK(labelled("\\") == "{l=\"\\\\\"}");
  CHECK(labelled("") == "{l=\"\"}");
  CHECK(labelled("Zürich {☃} 🚀") == "{l=\"Zürich {☃} 🚀\"}");
}

TEST_CASE("help escapes backslash and newline but not quotes") {
  static constexpr Metric k_metric{"g", MetricType::gauge, {}, "a \"b\" \\ c\nd"};
  CHECK(write_text({{&k_metric, {sample(1)}}}) ==
        "# HELP g a \"b\" \\\\ c\\nd\n# TYPE g gauge\ng 1\n");
}

TEST_CASE("promtool has nothing to say about a page of text") {
  CHECK(run_on({"promtool", "check", "metrics"}, write_text(full_page())).empty());
}
