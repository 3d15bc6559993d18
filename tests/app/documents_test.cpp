#include "measure/outcome.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace inferometer::app {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(INFEROMETER_SOURCE_DIR) + '/' + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands in backquotes in the first column of the table below `heading`.
std::set<std::string> first_column(const std::string& text, const std::string& heading) {
  std::set<std::string> names;
  const std::size_t begin = text.find(heading);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find("\n## ", begin);
  for (std::size_t at = text.find("\n| `", begin); at < end; at = text.find("\n| `", at + 1)) {
    const std::size_t name = at + 4;
    names.insert(text.substr(name, text.find('`', name) - name));
  }
  return names;
}

}  // namespace

TEST_CASE("operations.md explains every failure reason and no other") {
  std::set<std::string> reasons;
  for (const measure::Outcome outcome : measure::k_outcomes) {
    if (outcome != measure::Outcome::success) {
      reasons.emplace(to_string(outcome));
    }
  }
  CHECK(first_column(read("docs/operations.md"), "## What a failure reason wants from you") ==
        reasons);
}

}  // namespace inferometer::app
