#include "exposition/samples.hpp"
#include "exposition/text.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <locale>
#include <string>
#include <utility>

using namespace inferometer::exposition;

namespace {

std::string value_text(double value) {
  std::string text;
  append_value(text, value);
  return text;
}

std::string bound_text(double bound) {
  std::string text = "1.e";  // what stands before must not matter
  append_bound(text, bound);
  return text.substr(3);
}

double read_back(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  REQUIRE(std::from_chars(text.data(), end, value).ptr == end);
  return value;
}

}  // namespace

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
    REQUIRE(read_back(bound_text(value)) == value);
  }
  for (const double extreme :
       {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
        std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
        999999999999999.9, 1e15, -1.2345678901234567e-6, 9.999999999999999e-7}) {
    CHECK(read_back(value_text(extreme)) == extreme);
    CHECK(read_back(bound_text(extreme)) == extreme);
  }
}

TEST_CASE("a bound is spelt as Prometheus spells those of protobuf") {
  // What Go's fmt.Sprint prints, ".0" added where there is neither point nor exponent; and the
  // labels that Prometheus 2.42 stored for the same bounds in protobuf.
  const std::pair<double, const char*> spelt[]{
      {0, "0.0"},
      {1, "1.0"},
      {-1, "-1.0"},
      {10, "10.0"},
      {0.1, "0.1"},
      {2.5, "2.5"},
      {0.0001, "0.0001"},
      {0.00015, "0.00015"},
      {9.999999e-5, "9.999999e-05"},
      {1e-5, "1e-05"},
      {99999, "99999.0"},
      {100000, "100000.0"},
      {999999, "999999.0"},
      {999999.5, "999999.5"},
      {1e6, "1e+06"},
      {1234567.5, "1.2345675e+06"},
      {123456789, "1.23456789e+08"},
      {1e20, "1e+20"},
      {1e21, "1e+21"},
      {1.5e300, "1.5e+300"},
      {5e-324, "5e-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {k_infinity, "+Inf"},
      {-k_infinity, "-Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& [bound, text] : spelt) {
    CHECK(bound_text(bound) == text);
  }
}

TEST_CASE("large counts are exact") {
  std::string text;
  append_count(text, std::numeric_limits<std::uint64_t>::max());
  CHECK(text == "18446744073709551615");
}

TEST_CASE("a time has milliseconds, and any number can be one") {
  std::string text;
  append_time(text, 1'700'000'000.0625);
  text += ' ';
  append_time(text, 0.9996);
  CHECK(text == "1700000000.062 1.000");
  text.clear();
  append_time(text, std::numeric_limits<double>::lowest());
  CHECK(text.size() == 1 + 309 + 4);
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
