#include "base/ascii.hpp"

#include <doctest/doctest.h>

using inferometer::base::equal_ignoring_case;
using inferometer::base::to_lower;

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
