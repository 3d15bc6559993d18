#include "config/yaml/substitute.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace inferometer::config {
namespace {

base::Result<std::string> substituted(std::string_view text, std::size_t max_bytes = 100) {
  return substitute(text, sample::options().environment, max_bytes);
}

}  // namespace

TEST_CASE("variables and dollar signs are replaced") {
  CHECK(substituted("") == "");
  CHECK(substituted("plain {text}") == "plain {text}");
  CHECK(substituted("${GOOD_VAR}") == "value");
  CHECK(substituted("a${GOOD_VAR}b${GOOD_VAR}${EMPTY}c") == "avaluebvaluec");
  CHECK(substituted("$$") == "$");
  CHECK(substituted("$$$$") == "$$");
  CHECK(substituted("$${GOOD_VAR}") == "${GOOD_VAR}");
  CHECK(substituted("$$${GOOD_VAR}") == "$value");
}

TEST_CASE("what a variable holds is taken as it is") {
  CHECK(substituted("${DOLLAR}") == "${GOOD_VAR}$");
}

TEST_CASE("an undefined variable is named in the error") {
  const auto refused = substituted("a${NOT_THERE}");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("NOT_THERE") != std::string::npos);
}

TEST_CASE("any other use of a dollar sign is refused") {
  for (const std::string_view text :
       {"$", "a$", "$GOOD_VAR", "${", "${GOOD_VAR", "$ {GOOD_VAR}", "${}", "${1A}", "${A-B}",
        "${GOOD_VAR:-x}", "${ GOOD_VAR}", "$}", "$$$"}) {
    CHECK_MESSAGE(!substituted(text).has_value(), text);
  }
}

TEST_CASE("an error does not show what may be a piece of a password") {
  CHECK(substituted("${pass-word}").error().message.find("pass") == std::string::npos);
}

TEST_CASE("a result beyond the bound is refused however it grows") {
  CHECK(substituted("12345", 5) == "12345");
  CHECK_FALSE(substituted("123456", 5).has_value());
  CHECK(substituted("${GOOD_VAR}", 5) == "value");
  CHECK_FALSE(substituted("${GOOD_VAR}.", 5).has_value());
  CHECK_FALSE(substituted("${GOOD_VAR}${GOOD_VAR}${GOOD_VAR}", 14).has_value());
  CHECK(substituted("${GOOD_VAR}${GOOD_VAR}", 4).error().message.find("4 bytes") !=
        std::string::npos);
}

TEST_CASE("variable names are as in a shell") {
  for (const std::string_view name : {"A", "_", "a_1", "PATH"}) {
    CHECK(is_variable_name(name));
  }
  for (const std::string_view name : {"", "1A", "A-B", "A B", "Ä", "A="}) {
    CHECK_FALSE(is_variable_name(name));
  }
}

TEST_CASE("the process environment tells unset from empty") {
  setenv("INFEROMETER_TEST_EMPTY", "", 1);
  unsetenv("INFEROMETER_TEST_UNSET");
  CHECK(process_environment("INFEROMETER_TEST_EMPTY") == "");
  CHECK_FALSE(process_environment("INFEROMETER_TEST_UNSET").has_value());
}

}  // namespace inferometer::config
