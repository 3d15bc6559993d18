#include "exposition/collectable.hpp"
#include "exposition/format.hpp"
#include "exposition/oracle.hpp"
#include "exposition/samples.hpp"

#include <doctest/doctest.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <string>
#include <vector>

using namespace inferometer::exposition;
using inferometer::metrics::Families;

namespace {

/// The samples by their series, with labels in alphabetical order. Each series must come once.
std::map<std::string, double> by_series(const std::vector<ReadSample>& samples) {
  std::map<std::string, double> values;
  for (const ReadSample& sample : samples) {
    REQUIRE_MESSAGE(values.emplace(sample.series, sample.value).second, sample.series);
  }
  return values;
}

/// The samples that prometheus-cpp's serializer writes, with bounds spelt as ours are: `1.0`.
std::vector<ReadSample> read_prometheus_cpp(const Families& families) {
  std::vector<ReadSample> samples =
      read_text(prometheus::TextSerializer().Serialize(to_metric_families(families)));
  for (ReadSample& sample : samples) {
    const std::size_t label = sample.series.find("le=\"");
    if (label != std::string::npos) {
      const std::size_t end = sample.series.find_first_not_of("0123456789", label + 4);
      sample.series.insert(end, sample.series[end] == '"' ? ".0" : "");
    }
  }
  return samples;
}

}  // namespace

TEST_CASE("the same families give the same counts and sums in each format and prometheus-cpp") {
  Families page = full_page();
  page.push_back({&k_some_counter, {}});
  const auto text = by_series(read_text(write(page, Format::text)));
  const auto openmetrics = by_series(read_openmetrics(write(page, Format::openmetrics)));
  const auto protobuf = by_series(read_protobuf(write(page, Format::protobuf)));
  REQUIRE(text.size() == 20);
  CHECK(text.at("h_seconds_bucket{le=\"1.0\",model=\"gpt-4o\",provider=\"openai\"}") == 5);
  CHECK(text.at("h_seconds_sum{model=\"gpt-4o\",provider=\"openai\"}") == 7.25);
  CHECK(text.at("c_total{model=\"gpt-4o\",provider=\"openai\",reason=\"dns_error\"}") == 1e17);
  CHECK(text.at("s_seconds_sum{model=\"gpt-4o\",provider=\"openai\"}") == 0.1);
  CHECK(text.at("s_seconds_count") == 0);
  CHECK(openmetrics == text);
  CHECK(protobuf == text);
  CHECK(by_series(read_prometheus_cpp(page)) == text);
}
