#include "web/api/parameters.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using inferometer::web::Parameters;
using inferometer::web::parse_query;

namespace {

std::string value_of(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "no such parameter" : found->second;
}

std::string error_of(std::string_view query) {
  const auto parameters = parse_query(query);
  return parameters ? "no error" : parameters.error().message;
}

}  // namespace

TEST_CASE("a query is split at ampersands and decoded") {
  const auto parameters = parse_query("a=1&model=meta%2FLlama+3%25&c=x=y&d&&=e");
  REQUIRE(parameters);
  CHECK(parameters->size() == 5);
  CHECK(value_of(*parameters, "a") == "1");
  CHECK(value_of(*parameters, "model") == "meta/Llama 3%");
  CHECK(value_of(*parameters, "c") == "x=y");
  CHECK(value_of(*parameters, "d").empty());
  CHECK(value_of(*parameters, "") == "e");
}

TEST_CASE("an empty query has no parameters") {
  for (const char* query : {"", "&", "&&&"}) {
    const auto parameters = parse_query(query);
    REQUIRE(parameters);
    CHECK(parameters->empty());
  }
}

TEST_CASE("an encoded separator belongs to the value") {
  const auto parameters = parse_query("a=1%26b%3d2");
  REQUIRE(parameters);
  CHECK(parameters->size() == 1);
  CHECK(value_of(*parameters, "a") == "1&b=2");
}

TEST_CASE("a parameter that comes twice is refused however it is written") {
  CHECK(error_of("a=1&b=2&a=1") == "the query parameter a is given twice");
  CHECK(error_of("a&%61=") == "the query parameter a is given twice");
}

TEST_CASE("a list is what a name with brackets gives however they are written") {
  const auto parameters = parse_query("b[]=2&a=x&b%5B%5D=1&b[]=2&b%5b%5d=");
  REQUIRE(parameters);
  const auto [begin, end] = parameters->equal_range("b[]");
  std::vector<std::string> values;
  for (auto each = begin; each != end; ++each) {
    values.push_back(each->second);
  }
  CHECK(values == std::vector<std::string>{"2", "1", "2", ""});
  CHECK(parameters->size() == 5);
  CHECK(error_of("b[=1&b[=2") == "the query parameter b[ is given twice");
  CHECK(error_of("[]b=1&[]b=2") == "the query parameter []b is given twice");
}

TEST_CASE("a broken escape or that of a control character is refused") {
  for (const char* query : {"a=%", "a=%4", "a=%4g", "a=%g4", "%=a", "a=%-1", "a=% 1", "a=%0x41",
                            "a=%00", "%0a=b", "a=%1B", "a=%7f"}) {
    CAPTURE(query);
    CHECK(error_of(query) ==
          std::string("broken or forbidden %-escape in the query parameter ") + query);
  }
}
