#include "config/problem.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {

TEST_CASE("a problem is rendered as file and place and message and hint") {
  CHECK(render("f.yml", {{12, 5, "unknown key", "did you mean x?"}, {0, 0, "is empty", ""}}) ==
        "f.yml:12:5: unknown key: did you mean x?\nf.yml: is empty\n");
  CHECK(render("f.yml", {}).empty());
}

TEST_CASE("problems come in the order of the file and those of one place as they were found") {
  Problems problems;
  CHECK(problems.empty());
  problems.add({2, 1}, "c");
  problems.add({1, 9}, "b");
  problems.add({2, 1}, "d");
  problems.add({1, 2}, "a", "hint");
  CHECK_FALSE(problems.empty());
  CHECK(render("f", problems.sorted()) == "f:1:2: a: hint\nf:1:9: b\nf:2:1: c\nf:2:1: d\n");
}

TEST_CASE("only the first hundred problems are kept and the rest is counted") {
  Problems problems;
  for (int line = 1; line <= 100; ++line) {
    CHECK_FALSE(problems.is_full());
    problems.add({line, 1}, "x");
  }
  CHECK(problems.is_full());
  CHECK(problems.sorted().size() == 100);
  problems.add({101, 1}, "x");
  problems.add({102, 1}, "x");
  const auto sorted = problems.sorted();
  REQUIRE(sorted.size() == 101);
  CHECK(sorted[99].line == 100);
  CHECK(sorted[100].message == "and 2 more problems");
}

TEST_CASE("quote escapes what would disturb a terminal") {
  CHECK(quote("a b") == "\"a b\"");
  CHECK(quote("") == "\"\"");
  CHECK(quote("\x1b[2J\n\x7f") == R"("\x1b[2J\x0a\x7f")");
  CHECK(quote("ü") == "\"ü\"");
  CHECK(quote("a\u009b\u202eb\xff") == R"("a\u009b\u202eb\xff")");
}

TEST_CASE("quote cuts long text between two characters") {
  CHECK(quote(std::string(64, 'a')) == "\"" + std::string(64, 'a') + "\"");
  CHECK(quote(std::string(65, 'a')) == "\"" + std::string(64, 'a') + "…\"");
  CHECK(quote(std::string(63, 'a') + "üb") == "\"" + std::string(63, 'a') + "…\"");
}

}  // namespace inferometer::config
