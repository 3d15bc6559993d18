#include "exposition/sample.hpp"

#include "exposition/samples.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace inferometer::exposition;
using inferometer::metrics::Exemplar;
using inferometer::metrics::k_catalogue;
using inferometer::metrics::Metric;
using inferometer::metrics::MetricType;

namespace {

std::string_view view(const ExemplarId& id) {
  return {id.data(), id.size()};
}

}  // namespace

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

TEST_CASE("a measurement's id is sixteen hexadecimal digits") {
  CHECK(view(exemplar_id(0)) == "0000000000000000");
  CHECK(view(exemplar_id(0xAB)) == "00000000000000ab");
  CHECK(view(exemplar_id(0xFEDCBA9876543210)) == "fedcba9876543210");
}

TEST_CASE("an exemplar is in the bucket whose bound is the first that is not below it") {
  const std::vector<Exemplar> exemplars{{1, 0.5, 1}, {2, 1, 1}, {3, 9, 1}};
  ExemplarCursor cursor(exemplars);
  CHECK(cursor.take(0.1) == nullptr);
  CHECK(cursor.take(0.5) == &exemplars[0]);
  CHECK(cursor.take(0.75) == nullptr);
  CHECK(cursor.take(1) == &exemplars[1]);
  CHECK(cursor.take(5) == nullptr);
  CHECK(cursor.take(k_infinity) == &exemplars[2]);
}

TEST_CASE("of several exemplars in one bucket the latest is taken") {
  const std::vector<Exemplar> exemplars{{1, 0.5, 3}, {2, 1, 9}, {3, 9, 4}};
  ExemplarCursor cursor(exemplars);
  CHECK(cursor.take(k_infinity) == &exemplars[1]);
  CHECK(cursor.take(k_infinity) == nullptr);
}

TEST_CASE("no exemplars are none for any bucket") {
  ExemplarCursor cursor({});
  CHECK(cursor.take(k_infinity) == nullptr);
}
