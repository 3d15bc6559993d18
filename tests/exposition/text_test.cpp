#include "exposition/text.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <locale>
#include <string>
#include <vector>

using inferometer::exposition::write_text;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

/// A gauge without help: the two lines that it is written as are easy to tell.
MetricFamily gauge(double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return {"g", "", MetricType::Gauge, {metric}};
}

std::string value_text(double value) {
  const std::string text = write_text({gauge(value)});
  const std::string before = "# TYPE g gauge\ng ";
  REQUIRE(text.starts_with(before));
  REQUIRE(text.ends_with("\n"));
  return text.substr(before.size(), text.size() - before.size() - 1);
}

double read_back(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  REQUIRE(std::from_chars(text.data(), end, value).ptr == end);
  return value;
}

MetricFamily histogram(std::vector<ClientMetric::Bucket> buckets, double sum, std::uint64_t count,
                       std::vector<ClientMetric::Label> labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram = {count, sum, std::move(buckets)};
  return {"h_seconds", "Some histogram.", MetricType::Histogram, {metric}};
}

}  // namespace

TEST_CASE("no families give no text") {
  CHECK(write_text({}).empty());
}

TEST_CASE("a family without samples is left out") {
  CHECK(write_text({{"c_total", "Nothing yet.", MetricType::Counter, {}}}).empty());
}

TEST_CASE("a counter has help and type and one line for each sample") {
  ClientMetric a;
  a.label = {{"provider", "openai"}, {"model", "gpt-4o"}};
  a.counter.value = 3;
  ClientMetric b;
  b.counter.value = 4.5;
  CHECK(write_text({{"c_total", "Some counter.", MetricType::Counter, {a, b}}}) ==
        "# HELP c_total Some counter.\n"
        "# TYPE c_total counter\n"
        "c_total{provider=\"openai\",model=\"gpt-4o\"} 3\n"
        "c_total 4.5\n");
}

TEST_CASE("families follow each other in the order given") {
  MetricFamily second = gauge(2);
  second.name = "a";
  CHECK(write_text({gauge(1), second}) == "# TYPE g gauge\ng 1\n# TYPE a gauge\na 2\n");
}

TEST_CASE("a histogram has its buckets with le last and the sum and the count") {
  CHECK(write_text({histogram({{1, 0.0015}, {4, 2.0}, {5, k_infinity}}, 7.25, 5,
                              {{"provider", "openai"}})}) ==
        "# HELP h_seconds Some histogram.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_bucket{provider=\"openai\",le=\"0.0015\"} 1\n"
        "h_seconds_bucket{provider=\"openai\",le=\"2\"} 4\n"
        "h_seconds_bucket{provider=\"openai\",le=\"+Inf\"} 5\n"
        "h_seconds_sum{provider=\"openai\"} 7.25\n"
        "h_seconds_count{provider=\"openai\"} 5\n");
}

TEST_CASE("a histogram without labels or an infinite bucket still has one") {
  CHECK(write_text({histogram({{1, 0.5}}, 7, 2, {})}) ==
        "# HELP h_seconds Some histogram.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_bucket{le=\"0.5\"} 1\n"
        "h_seconds_bucket{le=\"+Inf\"} 2\n"
        "h_seconds_sum 7\n"
        "h_seconds_count 2\n");
}

TEST_CASE("a summary has its quantiles and the sum and the count") {
  ClientMetric metric;
  metric.summary = {3, 1.5, {{0.5, 0.25}}};
  CHECK(write_text({{"s", "", MetricType::Summary, {metric}}}) ==
        "# TYPE s summary\ns{quantile=\"0.5\"} 0.25\ns_sum 1.5\ns_count 3\n");
}

TEST_CASE("an untyped sample is written as such") {
  ClientMetric metric;
  metric.untyped.value = 8;
  CHECK(write_text({{"u", "", MetricType::Untyped, {metric}}}) == "# TYPE u untyped\nu 8\n");
}

TEST_CASE("a timestamp is written only where there is one") {
  MetricFamily family = gauge(1);
  family.metric.front().timestamp_ms = 1'700'000'000'123;
  CHECK(write_text({family}) == "# TYPE g gauge\ng 1 1700000000123\n");
}

TEST_CASE("label values cannot break out of their quotes") {
  CHECK(write_text({gauge(1, {{"l", "a\\b\"c\nd"}})}) ==
        "# TYPE g gauge\ng{l=\"a\\\\b\\\"c\\nd\"} 1\n");
  CHECK(write_text({gauge(1, {{"l", "\"} 1\nfake 2\n"}})}) ==
        "# TYPE g gauge\ng{l=\"\\\"} 1\\nfake 2\\n\"} 1\n");
  CHECK(write_text({gauge(1, {{"l", "\\"}})}) == "# TYPE g gauge\ng{l=\"\\\\\"} 1\n");
  CHECK(write_text({gauge(1, {{"l", ""}})}) == "# TYPE g gauge\ng{l=\"\"} 1\n");
  CHECK(write_text({gauge(1, {{"l", "Zürich {☃} 🚀"}})}) ==
        "# TYPE g gauge\ng{l=\"Zürich {☃} 🚀\"} 1\n");
}

TEST_CASE("help escapes backslash and newline but not quotes") {
  MetricFamily family = gauge(1);
  family.help = "a \"b\" \\ c\nd";
  CHECK(write_text({family}) == "# HELP g a \"b\" \\\\ c\\nd\n# TYPE g gauge\ng 1\n");
}

TEST_CASE("special values are written as Prometheus spells them") {
  CHECK(value_text(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(value_text(-std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(value_text(k_infinity) == "+Inf");
  CHECK(value_text(-k_infinity) == "-Inf");
}

TEST_CASE("numbers are as short as they can be and plain where people expect it") {
  CHECK(value_text(0) == "0");
  CHECK(value_text(-1) == "-1");
  CHECK(value_text(0.0001) == "0.0001");
  CHECK(value_text(0.1) == "0.1");
  CHECK(value_text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(value_text(100000) == "100000");
  CHECK(value_text(1'700'000'000.123) == "1700000000.123");
  CHECK(value_text(1e-9) == "1e-09");
  CHECK(value_text(1e300) == "1e+300");
}

TEST_CASE("every number reads back exactly") {
  double value = 1.0 / 3.0;
  for (int i = 0; i < 4000; ++i) {
    value = i % 2 == 0 ? value * 1.37 : -value;
    REQUIRE(read_back(value_text(value)) == value);
  }
  for (const double extreme :
       {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
        std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
        999999999999999.9, 1e15, -1.2345678901234567e-6, 9.999999999999999e-7}) {
    CHECK(read_back(value_text(extreme)) == extreme);
  }
}

TEST_CASE("large counts are exact") {
  CHECK(write_text({histogram({}, 0, std::numeric_limits<std::uint64_t>::max(), {})})
            .ends_with("h_seconds_count 18446744073709551615\n"));
}

TEST_CASE("a global locale with another decimal point changes nothing") {
  struct CommaPunctuation : std::numpunct<char> {
    [[nodiscard]] char do_decimal_point() const override { return ','; }
    [[nodiscard]] std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaPunctuation));
  const std::string text = value_text(1234567.5);
  std::locale::global(before);
  CHECK(text == "1234567.5");
}
