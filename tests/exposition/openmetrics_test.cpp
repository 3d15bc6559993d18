#include "exposition/oracle.hpp"
#include "exposition/samples.hpp"
#include "exposition/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::exposition;
using inferometer::metrics::Metric;
using inferometer::metrics::MetricType;
using inferometer::metrics::SummarySample;

TEST_CASE("no families give OpenMetrics' end alone") {
  CHECK(write_openmetrics({}) == "# EOF\n");
  CHECK(write_openmetrics({{&k_some_counter, {}}}) == "# EOF\n");
}

TEST_CASE("a counter's samples end in _total but its family does not") {
  CHECK(write_openmetrics({{&k_some_counter, {sample(3, {{"l", "a"}}), sample(4.5)}}}) ==
        "# TYPE c counter\n"
        "# HELP c Some counter.\n"
        "c_total{l=\"a\"} 3\n"
        "c_total 4.5\n"
        "# EOF\n");
}

TEST_CASE("the unit is the one that the family's name ends in") {
  static constexpr Metric k_metric{"cpu_seconds_total", MetricType::counter, {}, "Some time."};
  CHECK(write_openmetrics({{&k_metric, {sample(1)}}}) ==
        "# TYPE cpu_seconds counter\n"
        "# UNIT cpu_seconds seconds\n"
        "# HELP cpu_seconds Some time.\n"
        "cpu_seconds_total 1\n"
        "# EOF\n");
}

TEST_CASE("a creation time makes no series in OpenMetrics") {
  auto counter = sample(3);
  counter.created = 1'700'000'000;
  CHECK(write_openmetrics({{&k_some_counter, {counter}}}) ==
        "# TYPE c counter\n# HELP c Some counter.\nc_total 3\n# EOF\n");
}

TEST_CASE("each bucket of OpenMetrics has the exemplar that falls into it") {
  auto value = histogram({{0.1, 1}, {1, 1}, {2, 3}}, 35, 4);
  value.exemplars = {{0xAB, 0.1, 1'700'000'000.5}, {0xCD, 1.5, 1'700'000'001}, {1, 30, 2}};
  CHECK(write_openmetrics({{&k_some_histogram, {sample(value, {{"l", "a"}})}}}) ==
        "# TYPE h_seconds histogram\n"
        "# UNIT h_seconds seconds\n"
        "# HELP h_seconds Some histogram.\n"
        "h_seconds_bucket{l=\"a\",le=\"0.1\"} 1"
        " # {measurement_id=\"00000000000000ab\"} 0.1 1700000000.500\n"
        "h_seconds_bucket{l=\"a\",le=\"1.0\"} 1\n"
        "h_seconds_bucket{l=\"a\",le=\"2.0\"} 3"
        " # {measurement_id=\"00000000000000cd\"} 1.5 1700000001.000\n"
        "h_seconds_bucket{l=\"a\",le=\"+Inf\"} 4"
        " # {measurement_id=\"0000000000000001\"} 30 2.000\n"
        "h_seconds_sum{l=\"a\"} 35\n"
        "h_seconds_count{l=\"a\"} 4\n"
        "# EOF\n");
}

TEST_CASE("a summary of OpenMetrics has its unit, its sum and its count") {
  CHECK(write_openmetrics({{&k_some_summary, {sample(SummarySample{.count = 3, .sum = 0.75})}}}) ==
        "# TYPE s_seconds summary\n"
        "# UNIT s_seconds seconds\n"
        "# HELP s_seconds Some summary.\n"
        "s_seconds_sum 0.75\n"
        "s_seconds_count 3\n"
        "# EOF\n");
}

TEST_CASE("help of OpenMetrics escapes quotes too") {
  static constexpr Metric k_metric{"g", MetricType::gauge, {}, "a \"b\" \\ c\nd"};
  CHECK(write_openmetrics({{&k_metric, {sample(1)}}}) ==
        "# TYPE g gauge\n# HELP g a \\\"b\\\" \\\\ c\\nd\ng 1\n# EOF\n");
}

TEST_CASE("Prometheus' own client reads our OpenMetrics with its exemplars") {
  const auto samples = read_openmetrics(write_openmetrics(full_page()));
  REQUIRE(samples.size() == 20);
  CHECK(samples[0] ==
        ReadSample{"h_seconds_bucket{le=\"0.1\",model=\"gpt-4o\",provider=\"openai\"}", 2,
                   "{measurement_id=\"000000000000000a\"} 0.09 1700000000.5"});
  CHECK(samples[3] ==
        ReadSample{"h_seconds_bucket{le=\"+Inf\",model=\"gpt-4o\",provider=\"openai\"}", 9,
                   "{measurement_id=\"000000000000000c\"} 30 1700000002.0"});
}

TEST_CASE("Prometheus' own client reads label values and help as they were") {
  static constexpr Metric k_metric{"g", MetricType::gauge, {}, "\"} # \\"};
  const auto samples =
      read_openmetrics(write_openmetrics({{&k_metric, {sample(1, {{"l", "\"} 1 # \\\n☃"}})}}}));
  REQUIRE(samples.size() == 1);
  CHECK(samples[0].series == "g{l=\"\\\"} 1 # \\\\\\n☃\"}");
}
