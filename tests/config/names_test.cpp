#include "config/names.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {

TEST_CASE("a name that comes twice is reported with the place of the first") {
  Problems problems;
  Names names("provider", problems);
  CHECK(names.add("a", {3, 1}));
  CHECK(names.add("b", {4, 1}));
  CHECK_FALSE(names.add("a", {5, 7}));
  CHECK(render("f", problems.sorted()) ==
        "f:5:7: provider \"a\" is already in line 3: each may be there once\n");
}

}  // namespace inferometer::config
