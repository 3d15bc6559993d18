#include "base/accept.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace inferometer::base;
using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

namespace {

double quality(std::string_view header, std::string_view value) {
  return quality_of(parse_preferences(header), value);
}

}  // namespace

TEST_CASE("preferences keep their order, their parameters and their quality") {
  const auto preferences = parse_preferences("text/html;level=1;q=0.5, gzip , a/b;x=1;Q=0.25;y=2");
  REQUIRE(preferences.size() == 3);
  CHECK(preferences[0].value == "text/html");
  CHECK(preferences[0].parameters == Parameters{{"level", "1"}});
  CHECK(preferences[0].quality == 0.5);
  CHECK(preferences[1].value == "gzip");
  CHECK(preferences[1].parameters.empty());
  CHECK(preferences[1].quality == 1);
  CHECK(preferences[2].parameters == Parameters{{"x", "1"}, {"y", "2"}});
  CHECK(preferences[2].quality == 0.25);
}

TEST_CASE("blanks around the parts of a preference do not matter") {
  const auto preferences = parse_preferences(" \ta/b ;\tx = 1 ; q = 0.5\t,c/d ");
  REQUIRE(preferences.size() == 2);
  CHECK(preferences[0].value == "a/b");
  CHECK(preferences[0].parameters == Parameters{{"x", "1"}});
  CHECK(preferences[0].quality == 0.5);
  CHECK(preferences[1].value == "c/d");
}

TEST_CASE("delimiters in a quoted string are part of it") {
  const auto preferences = parse_preferences(R"(a/b;x="1,2;q=0;\"=,";y="",c/d)");
  REQUIRE(preferences.size() == 2);
  CHECK(preferences[0].parameters == Parameters{{"x", R"(1,2;q=0;\"=,)"}, {"y", ""}});
  CHECK(preferences[0].quality == 1);
  CHECK(preferences[1].value == "c/d");
}

TEST_CASE("a quoted string that does not end takes the rest of the header") {
  for (const std::string_view header : {R"(a/b;x="c,d/e;q=0)", R"(a/b;x="\)", R"(a/b;x=")"}) {
    CAPTURE(header);
    const auto preferences = parse_preferences(header);
    REQUIRE(preferences.size() == 1);
    CHECK(preferences[0].value == "a/b");
    CHECK(preferences[0].quality == 1);
  }
}

TEST_CASE("a preference whose quality cannot be read is left out") {
  for (const std::string quality :
       {"", "x", "1.1", "-0.1", "2", "nan", "inf", "0.5x", "1e-1", "\"0.5\"", "0.5 5"}) {
    CAPTURE(quality);
    const std::string header = "a/b;q=" + quality + ", c/d";
    const auto preferences = parse_preferences(header);
    REQUIRE(preferences.size() == 1);
    CHECK(preferences[0].value == "c/d");
  }
}

TEST_CASE("qualities from 0 to 1 are read") {
  CHECK(parse_preferences("a;q=0")[0].quality == 0);
  CHECK(parse_preferences("a;q=0.000")[0].quality == 0);
  CHECK(parse_preferences("a;q=.2")[0].quality == 0.2);
  CHECK(parse_preferences("a;q=0.123")[0].quality == 0.123);
  CHECK(parse_preferences("a;q=1.000")[0].quality == 1);
}

TEST_CASE("empty elements and parameters are nothing") {
  CHECK(parse_preferences("").empty());
  CHECK(parse_preferences(" , ,\t,;q=1,;x=1").empty());
  const auto preferences = parse_preferences(",a/b;;=1;x;,");
  REQUIRE(preferences.size() == 1);
  CHECK(preferences[0].parameters == Parameters{{"x", ""}});
}

TEST_CASE("a long list of commas, quotes or semicolons is read to its end") {
  constexpr std::size_t k_size = 16'384;
  CHECK(parse_preferences(std::string(k_size, ',')).empty());
  CHECK(parse_preferences(std::string(k_size, ';')).empty());
  CHECK(parse_preferences(std::string(k_size, '"')).size() == 1);
  CHECK(parse_preferences("a" + std::string(k_size, ';') + ",b").size() == 2);
}

TEST_CASE("the most specific element gives the quality of a media type") {
  constexpr std::string_view k_header = "*/*;q=0.1, text/*;q=0.5, text/html;q=0.9";
  CHECK(quality(k_header, "text/html") == 0.9);
  CHECK(quality(k_header, "text/plain") == 0.5);
  CHECK(quality(k_header, "image/png") == 0.1);
  CHECK(quality("text/html;q=0, */*", "text/html") == 0);
  CHECK(quality("text/plain", "text/html") == 0);
  CHECK(quality("", "text/html") == 0);
}

TEST_CASE("a wildcard covers its own type and nothing like it") {
  CHECK(quality("texts/*", "text/html") == 0);
  CHECK(quality("tex/*", "text/html") == 0);
  CHECK(quality("text/", "text/html") == 0);
  CHECK(quality("text*", "text/html") == 0);
  CHECK(quality("*", "text/html") == 0);
  CHECK(quality("*/html", "text/html") == 0);
}

TEST_CASE("a content coding is accepted by its name or by the asterisk") {
  CHECK(quality("gzip, deflate, br", "gzip") == 1);
  CHECK(quality("gzip;q=0, *", "gzip") == 0);
  CHECK(quality("*;q=0.5", "gzip") == 0.5);
  CHECK(quality("identity", "gzip") == 0);
  CHECK(quality("xgzip, gzipped", "gzip") == 0);
  CHECK(quality("*/*", "gzip") == 0);
}

TEST_CASE("the case of letters does not matter") {
  CHECK(quality("GZip", "gzip") == 1);
  CHECK(quality("Text/HTML;q=0.5, */*;q=0.1", "text/html") == 0.5);
  CHECK(quality("TEXT/*;q=0.5, */*;q=0.1", "text/html") == 0.5);
}

TEST_CASE("of two elements alike the one of the higher quality counts") {
  CHECK(quality("text/html;q=0.2, text/html;q=0.8, text/html;q=0.4", "text/html") == 0.8);
}
