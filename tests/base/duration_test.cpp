#include "base/duration.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <string_view>
#include <utility>

using inferometer::base::Duration;
using inferometer::base::format_duration;
using inferometer::base::parse_duration;
using namespace std::chrono_literals;

namespace {

Duration parsed(std::string_view text) {
  const auto duration = parse_duration(text);
  REQUIRE_MESSAGE(duration.has_value(), text);
  return *duration;
}

}  // namespace

TEST_CASE("a duration is a sum of decimal numbers with units") {
  CHECK(parsed("7ns") == 7ns);
  CHECK(parsed("7us") == 7us);
  CHECK(parsed("250ms") == 250ms);
  CHECK(parsed("30s") == 30s);
  CHECK(parsed("5m") == 5min);
  CHECK(parsed("12h") == 12h);
  CHECK(parsed("1d") == 24h);
  CHECK(parsed("1h30m") == 90min);
  CHECK(parsed("1d2h3m4s5ms6us7ns") == 26h + 3min + 4s + 5ms + 6us + 7ns);
  CHECK(parsed("1.5s") == 1500ms);
  CHECK(parsed("1.5h1.25s") == 90min + 1250ms);
  CHECK(parsed("90m90s") == 91min + 30s);
  CHECK(parsed("0s") == 0s);
  CHECK(parsed("007s") == 7s);
  CHECK(parsed("00000000000000000000000000001s") == 1s);
  CHECK(parsed("1.50000000000000000000000000000s") == 1500ms);
}

TEST_CASE("a fraction is exact to the nanosecond") {
  CHECK(parsed("0.1s") == 100ms);
  CHECK(parsed("0.123456789s") == 123456789ns);
  CHECK(parsed("0.000000000005d") == 432ns);
  CHECK_FALSE(parse_duration("0.5ns"));
  CHECK_FALSE(parse_duration("0.0000000001s"));
  CHECK_FALSE(parse_duration("0.3333333333333333333333333h"));
}

TEST_CASE("the longest duration is what 64 bits of nanoseconds hold") {
  CHECK(parsed("9223372036854775807ns") == Duration::max());
  CHECK(parsed("106751d23h47m16.854775807s") == Duration::max());
  CHECK_FALSE(parse_duration("9223372036854775808ns"));
  CHECK_FALSE(parse_duration("106751d23h47m16.854775808s"));
  CHECK_FALSE(parse_duration("106752d"));
  CHECK_FALSE(parse_duration("18446744073709551617ns"));
  CHECK_FALSE(parse_duration("99999999999999999999999999999999999d"));
}

TEST_CASE("a text that is no duration is refused") {
  for (const std::string_view text :
       {"",     " ",    "s",    "5",     "0",      "1.5", "5 s",  " 5s", "5s ", "-5s",
        "+5s",  ".5s",  "5.s",  "1..5s", "1.5.5s", "5S",  "5sec", "5mm", "5y",  "1e3s",
        "0x5s", "1s1s", "1m1h", "1s2",   "1s,2ms", "5µs", "inf",  "nan"}) {
    CHECK_MESSAGE(!parse_duration(text).has_value(), text);
  }
  CHECK_FALSE(parse_duration(std::string_view("5s\0", 3)));
}

TEST_CASE("a refusal says what is missing") {
  CHECK(parse_duration("30").error().message.find("needs a unit") != std::string::npos);
  CHECK(parse_duration("30x").error().message.find("d, h, m, s") != std::string::npos);
  CHECK(parse_duration("fast").error().message.find("250ms") != std::string::npos);
  CHECK(parse_duration("0.1ns").error().message.find("nanosecond") != std::string::npos);
  CHECK(parse_duration("999999d").error().message.find("292 years") != std::string::npos);
}

TEST_CASE("format writes the shortest text") {
  using Case = std::pair<Duration, std::string_view>;
  for (const auto& [duration, text] :
       {Case{0s, "0s"}, Case{1ns, "1ns"}, Case{250ms, "250ms"}, Case{1500ms, "1.5s"},
        Case{60s, "1m"}, Case{90s, "90s"}, Case{90min, "90m"}, Case{24h, "1d"}, Case{36h, "36h"},
        Case{30 * 24h, "30d"}, Case{24h + 1s, "1d1s"}, Case{1h + 1ns, "1h1ns"},
        Case{1234567ns, "1234567ns"}, Case{3250us, "3250us"}, Case{3500us, "3.5ms"}}) {
    CHECK(format_duration(duration) == text);
  }
}

TEST_CASE("format marks a negative duration with a sign") {
  CHECK(format_duration(-1500ms) == "-1.5s");
  CHECK(format_duration(Duration::min()) == "-9223372036854775808ns");
}

TEST_CASE("what format writes reads back as the same duration") {
  std::mt19937_64 random(1);
  CHECK(parsed(format_duration(Duration::max())) == Duration::max());
  for (int i = 0; i < 2000; ++i) {
    const auto magnitude = random() % 63;
    Duration duration(static_cast<Duration::rep>(random() >> (63 - magnitude) >> 1));
    if (i % 2 == 0) {
      duration -= duration % 1ms;
    }
    const std::string text = format_duration(duration);
    CHECK_MESSAGE(parsed(text) == duration, text);
  }
}
