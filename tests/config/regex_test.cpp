#include "config/regex.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {

TEST_CASE("regex: what RE2 compiles is kept as it is written") {
  for (const std::string_view text : {"a", "^\\d+$", "(?i)grün|\\pL{3}", "[^\"]*"}) {
    CHECK(parse_regex(text) == std::string(text));
  }
  CHECK(parse_regex(std::string(1000, 'a')).has_value());
}

TEST_CASE("regex: what is empty or too long is refused") {
  CHECK_FALSE(parse_regex("").has_value());
  CHECK_FALSE(parse_regex(std::string(1001, 'a')).has_value());
}

TEST_CASE("regex: what RE2 refuses is refused in its words") {
  CHECK(parse_regex("(a").error().message == "missing ): (a");
  CHECK(parse_regex("a**").error().message == "bad repetition operator: **");
  CHECK(parse_regex("(?=a)").error().message == "invalid perl operator: (?=");
  CHECK(parse_regex("\xff").error().message == "invalid UTF-8");
}

TEST_CASE("regex: what would need too much memory is refused") {
  for (const std::string_view text :
       {"(?:\\pL\\pN){500}", "((\\pL{10}){10}){10}", "(x{1000}){2}"}) {
    CHECK_MESSAGE(!parse_regex(text).has_value(), text);
  }
}

}  // namespace inferometer::config
