#include "exposition/protobuf.hpp"

#include "exposition/oracle.hpp"
#include "exposition/samples.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::exposition;
using inferometer::metrics::HistogramSample;
using inferometer::metrics::Metric;
using inferometer::metrics::MetricType;
using inferometer::metrics::NativeBuckets;
using inferometer::metrics::SummarySample;

namespace {

/// What protoc reads in one histogram, as one line.
std::string decoded(const HistogramSample& value) {
  const std::string page = decode_protobuf(write_protobuf({{&k_some_histogram, {sample(value)}}}));
  const std::size_t begin = page.find("histogram {") + 11;
  const std::size_t end = page.rfind("unit:");
  REQUIRE(end != std::string::npos);
  std::string line;
  for (const char c : page.substr(begin, end - begin)) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) {
      line += c;
    } else if (line.empty() || line.back() != ' ') {
      line += ' ';
    }
  }
  REQUIRE(line.ends_with(" } } "));
  return line.substr(0, line.size() - 5);
}

NativeBuckets some_native() {
  return {.schema = 3,
          .zero_threshold = 0.5,
          .zero_count = 1,
          .counts = {{-7, 5}, {-6, 2}, {-3, 1}, {4, 9}}};
}

constexpr std::string_view k_some_native_text =
    " schema: 3 zero_threshold: 0.5 zero_count: 1"
    " positive_span { offset: -7 length: 5 } positive_span { offset: 6 length: 1 }"
    " positive_delta: 5 positive_delta: -3 positive_delta: -2 positive_delta: 0"
    " positive_delta: 1 positive_delta: 8";

}  // namespace

TEST_CASE("no families give no protobuf") {
  CHECK(write_protobuf({}).empty());
  CHECK(write_protobuf({{&k_some_counter, {}}}).empty());
}

TEST_CASE("a summary in protobuf has its count and its sum and no quantiles") {
  CHECK(decode_protobuf(write_protobuf(
            {{&k_some_summary, {sample(SummarySample{.count = 3, .sum = 0.75})}}})) ==
        R"(family {
  name: "s_seconds"
  help: "Some summary."
  type: SUMMARY
  metric {
    summary {
      sample_count: 3
      sample_sum: 0.75
    }
  }
  unit: "seconds"
}
)");
}

TEST_CASE("a counter in protobuf has its labels, its value and its creation") {
  static constexpr Metric k_metric{
      "cpu_seconds_total", MetricType::counter, {}, "Some \"time\".\n"};
  auto counter = sample(2.5, {{"l", "a\"\\\n"}, {"m", ""}});
  counter.last_label = inferometer::metrics::Label{"n", "z"};
  counter.created = 1'700'000'000.9996;
  CHECK(decode_protobuf(write_protobuf({{&k_metric, {counter, sample(0)}}})) ==
        R"(family {
  name: "cpu_seconds_total"
  help: "Some \"time\".\n"
  type: COUNTER
  metric {
    label {
      name: "l"
      value: "a\"\\\n"
    }
    label {
      name: "m"
      value: ""
    }
    label {
      name: "n"
      value: "z"
    }
    counter {
      value: 2.5
      created_timestamp {
        seconds: 1700000001
        nanos: 0
      }
    }
  }
  metric {
    counter {
      value: 0
    }
  }
  unit: "seconds"
}
)");
}

TEST_CASE("families follow each other in protobuf, and a gauge has no creation") {
  auto gauge = sample(k_infinity);
  gauge.created = 1'700'000'000;
  CHECK(
      decode_protobuf(write_protobuf({{&k_some_gauge, {gauge}}, {&k_some_counter, {sample(1)}}})) ==
      R"(family {
  name: "g"
  help: "Some gauge."
  type: GAUGE
  metric {
    gauge {
      value: inf
    }
  }
}
family {
  name: "c_total"
  help: "Some counter."
  type: COUNTER
  metric {
    counter {
      value: 1
    }
  }
}
)");
}

TEST_CASE("a family longer than one byte can say is read whole") {
  inferometer::metrics::Family family{&k_some_gauge, {}};
  for (int i = 0; i < 2000; ++i) {
    family.samples.push_back(sample(i, {{"l", std::to_string(i)}}));
  }
  const auto samples = read_protobuf(write_protobuf({family, {&k_some_counter, {sample(7)}}}));
  REQUIRE(samples.size() == 2001);
  CHECK(samples[1999] == ReadSample{"g{l=\"1999\"}", 1999, ""});
  CHECK(samples[2000] == ReadSample{"c_total", 7, ""});
}

TEST_CASE("a classic histogram has no bucket to +Inf and nothing of a native one") {
  CHECK(decoded(histogram({{0.1, 2}, {1, 2}}, 7.25, 5)) ==
        " sample_count: 5 sample_sum: 7.25"
        " bucket { cumulative_count: 2 upper_bound: 0.1 }"
        " bucket { cumulative_count: 2 upper_bound: 1 }");
}

TEST_CASE("each bucket of protobuf has the exemplar that falls into it, the one to +Inf as well") {
  auto value = histogram({{0.1, 2}, {1, 2}}, 7.25, 3);
  value.exemplars = {{0xAB, 0.05, 1'700'000'000.25}, {0xFFFFFFFFFFFFFFFF, 30, 2}};
  CHECK(decoded(value) ==
        " sample_count: 3 sample_sum: 7.25"
        " bucket { cumulative_count: 2 upper_bound: 0.1 exemplar {"
        " label { name: \"measurement_id\" value: \"00000000000000ab\" } value: 0.05"
        " timestamp { seconds: 1700000000 nanos: 250000000 } } }"
        " bucket { cumulative_count: 2 upper_bound: 1 }"
        " bucket { cumulative_count: 3 upper_bound: inf exemplar {"
        " label { name: \"measurement_id\" value: \"ffffffffffffffff\" } value: 30"
        " timestamp { seconds: 2 nanos: 0 } } }");
}

TEST_CASE("a histogram in both forms has classic buckets with exemplars beside native ones") {
  auto value = histogram({{0.1, 2}}, 7.25, 18);
  value.exemplars = {{0xAB, 0.05, 1}};
  value.native = some_native();
  CHECK(decoded(value) ==
        " sample_count: 18 sample_sum: 7.25"
        " bucket { cumulative_count: 2 upper_bound: 0.1 exemplar {"
        " label { name: \"measurement_id\" value: \"00000000000000ab\" } value: 0.05"
        " timestamp { seconds: 1 nanos: 0 } } }" +
            std::string(k_some_native_text));
}

TEST_CASE("a histogram in native form alone has all exemplars, but no classic bucket") {
  auto value = histogram({}, 7.25, 18);
  value.exemplars = {{1, 0.05, 1}, {2, 0.5, 2.5}};
  value.native = some_native();
  CHECK(decoded(value) ==
        " sample_count: 18 sample_sum: 7.25" + std::string(k_some_native_text) +
            " exemplars { label { name: \"measurement_id\" value: \"0000000000000001\" }"
            " value: 0.05 timestamp { seconds: 1 nanos: 0 } }"
            " exemplars { label { name: \"measurement_id\" value: \"0000000000000002\" }"
            " value: 0.5 timestamp { seconds: 2 nanos: 500000000 } }");
}

TEST_CASE("an empty native histogram can still be told from a classic one") {
  auto value = histogram({}, 0, 0);
  value.native = NativeBuckets{.schema = 5};
  CHECK(decoded(value) ==
        " sample_count: 0 sample_sum: 0 schema: 5 zero_threshold: 0 zero_count: 0"
        " positive_span { offset: 0 length: 0 }");
}

TEST_CASE("a histogram with neither form keeps the latest exemplar") {
  auto value = histogram({}, 1, 2);
  value.exemplars = {{1, 0.4, 9}, {2, 0.6, 5}};
  CHECK(decoded(value) ==
        " sample_count: 2 sample_sum: 1 bucket { cumulative_count: 2 upper_bound: inf exemplar {"
        " label { name: \"measurement_id\" value: \"0000000000000001\" } value: 0.4"
        " timestamp { seconds: 9 nanos: 0 } } }");
}

TEST_CASE("a histogram's creation is told") {
  auto value = sample(histogram({}, 1, 2));
  value.created = 1'700'000'000.5;
  const std::string page = decode_protobuf(write_protobuf({{&k_some_histogram, {value}}}));
  CHECK(page.find("created_timestamp {\n        seconds: 1700000000\n        nanos: 500000000\n") !=
        std::string::npos);
}
