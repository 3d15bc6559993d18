#include "measure/outcome.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

using inferometer::measure::k_outcomes;
using inferometer::measure::Outcome;

TEST_CASE("every outcome has one name that is fit for a label") {
  std::set<std::string_view> names;
  for (const Outcome outcome : k_outcomes) {
    const std::string_view name = to_string(outcome);
    CHECK_FALSE(name.empty());
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    names.insert(name);
  }
  CHECK(names.size() == k_outcomes.size());
  CHECK(k_outcomes.size() == static_cast<std::size_t>(Outcome::internal_error) + 1);
}

TEST_CASE("outcomes are written as their enumerators") {
  CHECK(to_string(Outcome::success) == "success");
  CHECK(to_string(Outcome::first_token_timeout) == "first_token_timeout");
  CHECK(to_string(Outcome::internal_error) == "internal_error");
}
