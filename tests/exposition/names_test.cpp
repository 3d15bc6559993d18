#include "exposition/names.hpp"

#include <doctest/doctest.h>

using namespace inferometer::exposition;
using inferometer::metrics::k_catalogue;
using inferometer::metrics::Metric;
using inferometer::metrics::MetricType;

TEST_CASE("only a counter loses its _total in OpenMetrics") {
  CHECK(openmetrics_name({.name = "a_total", .type = MetricType::counter}) == "a");
  CHECK(openmetrics_name({.name = "a_total", .type = MetricType::gauge}) == "a_total");
  CHECK(openmetrics_name({.name = "a", .type = MetricType::counter}) == "a");
}

TEST_CASE("a unit is a whole word at the end of the family's name") {
  CHECK(unit_of({.name = "a_seconds"}) == "seconds");
  CHECK(unit_of({.name = "a_bytes"}) == "bytes");
  CHECK(unit_of({.name = "a_ratio"}) == "ratio");
  CHECK(unit_of({.name = "a_seconds_total", .type = MetricType::counter}) == "seconds");
  CHECK(unit_of({.name = "a_seconds_total", .type = MetricType::gauge}).empty());
  CHECK(unit_of({.name = "a_milliseconds"}).empty());
  CHECK(unit_of({.name = "seconds"}).empty());
  CHECK(unit_of({.name = "_seconds"}).empty());
  CHECK(unit_of({.name = "a_tokens_per_second"}).empty());
  CHECK(unit_of({.name = ""}).empty());
}

TEST_CASE("every counter of the catalogue can be an OpenMetrics counter") {
  for (const Metric& metric : k_catalogue) {
    CAPTURE(metric.name);
    CHECK(metric.name.ends_with("_total") == (metric.type == MetricType::counter));
  }
}
