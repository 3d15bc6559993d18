#include "exposition/format.hpp"
#include "exposition/oracle.hpp"
#include "exposition/samples.hpp"

#include <doctest/doctest.h>

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

}  // namespace

TEST_CASE("the same families give the same counts and sums in each format") {
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
}
