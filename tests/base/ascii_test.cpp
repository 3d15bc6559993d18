#include "base/ascii.hpp"

#include <doctest/doctest.h>

using inferometer::base::equal_ignoring_case;
using inferometer::base::split;
using inferometer::base::to_lower;
using inferometer::base::trimmed;
using Parts = std::vector<std::string_view>;

TEST_CASE("only ASCII letters have a lower case") {
  CHECK(to_lower("AzZ-Ä") == "azz-Ä");
  CHECK(to_lower("@[`{09") == "@[`{09");
  CHECK(to_lower("").empty());
}

TEST_CASE("names are equal whatever the case of their letters and nothing else") {
  CHECK(equal_ignoring_case("Content-Type", "content-TYPE"));
  CHECK_FALSE(equal_ignoring_case("range", "ranges"));
  CHECK_FALSE(equal_ignoring_case("ranges", "range"));
  CHECK_FALSE(equal_ignoring_case("a@", "a`"));
  CHECK(equal_ignoring_case("", ""));
}

TEST_CASE("blanks are taken off the ends and left within") {
  CHECK(trimmed(" \ta b\t ") == "a b");
  CHECK(trimmed("a") == "a");
  CHECK(trimmed("").empty());
  CHECK(trimmed(" \t ").empty());
  CHECK(trimmed("\ra\n") == "\ra\n");
  CHECK(trimmed("\r a\n", " \r\n") == "a");
}

TEST_CASE("what is left of blanks alone is still within them") {
  constexpr std::string_view k_blank = " \t";
  CHECK(trimmed(k_blank).data() == k_blank.data() + k_blank.size());
}

TEST_CASE("there is one part more than separators") {
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
  CHECK(split("a b", ',') == Parts{"a b"});
  CHECK(split("", ',') == Parts{""});
}
