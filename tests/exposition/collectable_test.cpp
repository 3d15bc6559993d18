#include "exposition/collectable.hpp"

#include "exposition/samples.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

using namespace inferometer::exposition;
using inferometer::metrics::Families;
using inferometer::metrics::SummarySample;
using prometheus::ClientMetric;
using prometheus::MetricFamily;

TEST_CASE("a histogram keeps its classic buckets for prometheus-cpp and loses what has no room") {
  const std::vector<MetricFamily> families = to_metric_families({full_page().front()});
  REQUIRE(families.size() == 1);
  CHECK(families[0].name == "h_seconds");
  CHECK(families[0].help == "Some histogram.");
  CHECK(families[0].type == prometheus::MetricType::Histogram);
  REQUIRE(families[0].metric.size() == 2);
  const ClientMetric& metric = families[0].metric[0];
  CHECK(metric.label ==
        std::vector<ClientMetric::Label>{{"provider", "openai"}, {"model", "gpt-4o"}});
  CHECK(metric.histogram.sample_count == 9);
  CHECK(metric.histogram.sample_sum == 7.25);
  REQUIRE(metric.histogram.bucket.size() == 4);
  CHECK(metric.histogram.bucket[0].upper_bound == 0.1);
  CHECK(metric.histogram.bucket[0].cumulative_count == 2);
  CHECK(metric.histogram.bucket[3].upper_bound == k_infinity);
  CHECK(metric.histogram.bucket[3].cumulative_count == 9);
}

TEST_CASE("a summary has no quantiles for prometheus-cpp either") {
  const std::vector<MetricFamily> families =
      to_metric_families({{&k_some_summary, {sample(SummarySample{.count = 3, .sum = 0.75})}}});
  REQUIRE(families.size() == 1);
  CHECK(families[0].type == prometheus::MetricType::Summary);
  REQUIRE(families[0].metric.size() == 1);
  CHECK(families[0].metric[0].summary.sample_count == 3);
  CHECK(families[0].metric[0].summary.sample_sum == 0.75);
  CHECK(families[0].metric[0].summary.quantile.empty());
}

TEST_CASE("a family without samples is left out for prometheus-cpp") {
  CHECK(to_metric_families({{&k_some_counter, {}}}).empty());
}

TEST_CASE("a collectable collects anew each time") {
  double count = 0;
  const std::shared_ptr<prometheus::Collectable> collectable = make_collectable([&count] {
    return Families{{&k_some_counter, {sample(++count)}}};
  });
  CHECK(collectable->Collect().at(0).metric.at(0).counter.value == 1);
  CHECK(collectable->Collect().at(0).metric.at(0).counter.value == 2);
}
