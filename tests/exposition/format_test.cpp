#include "exposition/format.hpp"

#include "exposition/samples.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace inferometer::exposition;

namespace {

// 2.42's as Debian's package sends them, the others as their scrape/scrape.go puts them together;
// "native" is with native histograms asked for.
constexpr std::string_view k_prometheus_242 =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr std::string_view k_prometheus_242_native =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
    "application/openmetrics-text;version=1.0.0;q=0.8,"
    "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr std::string_view k_prometheus_253 =
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
constexpr std::string_view k_prometheus_253_native =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,"
    "application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
constexpr std::string_view k_prometheus_35 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
constexpr std::string_view k_prometheus_35_native =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
constexpr std::string_view k_prometheus_30_native =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1";
constexpr std::string_view k_chromium =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7";

}  // namespace

TEST_CASE("every Prometheus is given the format of its highest quality") {
  CHECK(negotiate(k_prometheus_242) == Format::openmetrics);
  CHECK(negotiate(k_prometheus_242_native) == Format::protobuf);
  CHECK(negotiate(k_prometheus_253) == Format::openmetrics);
  CHECK(negotiate(k_prometheus_253_native) == Format::protobuf);
  CHECK(negotiate(k_prometheus_30_native) == Format::protobuf);
  CHECK(negotiate(k_prometheus_35) == Format::openmetrics);
  CHECK(negotiate(k_prometheus_35_native) == Format::protobuf);
}

TEST_CASE("a Prometheus that is told to ask for text gets text") {
  CHECK(negotiate("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                  "text/plain;version=0.0.4;q=0.5,*/*;q=0.4") == Format::text);
  CHECK(negotiate("text/plain;version=0.0.4;q=0.5,"
                  "application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1") == Format::text);
}

TEST_CASE("who takes anything gets text") {
  CHECK(negotiate("") == Format::text);
  CHECK(negotiate("*/*") == Format::text);
  CHECK(negotiate(k_chromium) == Format::text);
  CHECK(negotiate("application/json, text/plain, */*") == Format::text);
  CHECK(negotiate("application/*") == Format::text);
  CHECK(negotiate("text/*;q=0.1") == Format::text);
}

TEST_CASE("a client that accepts no format that there is gets text") {
  CHECK(negotiate("application/json") == Format::text);
  CHECK(negotiate("text/plain;version=1.0.0") == Format::text);
  CHECK(negotiate("application/openmetrics-text;version=0.0.1") == Format::text);
  CHECK(negotiate("application/openmetrics-text;version=2.0.0") == Format::text);
  CHECK(negotiate("application/openmetrics-text;version=") == Format::text);
  CHECK(negotiate("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                  "encoding=text") == Format::text);
  CHECK(negotiate("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                  "encoding=compact-text") == Format::text);
  CHECK(negotiate("application/vnd.google.protobuf;proto=other;encoding=delimited") ==
        Format::text);
}

TEST_CASE("garbage gets text") {
  CHECK(negotiate(",;=\"\\\"") == Format::text);
  CHECK(negotiate(std::string("\0\xFF\x80/;q=\xF0", 8)) == Format::text);
  CHECK(negotiate(std::string(16'384, ',')) == Format::text);
  CHECK(negotiate("application/openmetrics-text;q=high") == Format::text);
}

TEST_CASE("a type without parameters means the one that there is") {
  CHECK(negotiate("application/openmetrics-text") == Format::openmetrics);
  CHECK(negotiate("application/vnd.google.protobuf") == Format::protobuf);
}

TEST_CASE("a format that is refused is not chosen") {
  CHECK(negotiate("application/openmetrics-text;q=0, */*") == Format::text);
  CHECK(negotiate("application/openmetrics-text;q=0") == Format::text);
  CHECK(negotiate("text/plain;q=0, application/openmetrics-text;q=0.001") == Format::openmetrics);
}

TEST_CASE("a wildcard gives text a lower quality than an element that names it") {
  CHECK(negotiate("text/plain;q=0.2, application/openmetrics-text;q=0.5, */*;q=0.9") ==
        Format::openmetrics);
  CHECK(negotiate("application/openmetrics-text;q=0.5, */*;q=0.9") == Format::text);
  CHECK(negotiate("text/plain;version=1.0.0, application/openmetrics-text;q=0.5, */*;q=0.1") ==
        Format::openmetrics);
}

TEST_CASE("of formats of the same quality the one that carries more is chosen") {
  CHECK(negotiate("text/plain, application/openmetrics-text") == Format::openmetrics);
  CHECK(negotiate("application/openmetrics-text;q=0.5, application/vnd.google.protobuf;q=0.5, "
                  "text/plain;q=0.5") == Format::protobuf);
}

TEST_CASE("of elements that name one format the one of the highest quality counts") {
  CHECK(negotiate("application/openmetrics-text;q=0.9, text/plain;q=0.5, "
                  "application/openmetrics-text;version=1.0.0;q=0.1") == Format::openmetrics);
}

TEST_CASE("neither case nor blanks nor quotes nor other parameters matter") {
  CHECK(negotiate("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; charset=UTF-8 ; x=y") ==
        Format::openmetrics);
  CHECK(negotiate("application/vnd.google.protobuf;encoding=Delimited;"
                  "proto=\"io.prometheus.client.MetricFamily\"") == Format::protobuf);
}

TEST_CASE("each format says what it is") {
  CHECK(content_type(Format::text) == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(content_type(Format::openmetrics) ==
        "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(content_type(Format::protobuf) ==
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
        "encoding=delimited");
  for (const Format format : k_formats) {
    CHECK(negotiate(content_type(format)) == format);
  }
}

TEST_CASE("a page is written in the format asked for") {
  const inferometer::metrics::Families families{{&k_some_gauge, {sample(1)}}};
  CHECK(write(families, Format::text) == "# HELP g Some gauge.\n# TYPE g gauge\ng 1\n");
  CHECK(write(families, Format::openmetrics) ==
        "# TYPE g gauge\n# HELP g Some gauge.\ng 1\n# EOF\n");
  CHECK(write(families, Format::protobuf).starts_with("\x1F\x0A\x01g"));
}
