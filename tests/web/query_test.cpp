#include "web/query.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::web::parse_query;

namespace {

std::string error_of(std::string_view query) {
  const auto parameters = parse_query(query);
  return parameters ? "no error" : parameters.error().message;
}

}  // namespace

TEST_CASE("a query is split at ampersands and decoded") {
  const auto parameters = parse_query("a=1&model=meta%2FLlama+3%25&c=x=y&d&&=e");
  REQUIRE(parameters);
  CHECK(parameters->size() == 5);
  CHECK(parameters->at("a") == "1");
  CHECK(parameters->at("model") == "meta/Llama 3%");
  CHECK(parameters->at("c") == "x=y");
  CHECK(parameters->at("d").empty());
  CHECK(parameters->at("") == "e");
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
  CHECK(parameters->at("a") == "1&b=2");
}

TEST_CASE("a parameter that comes twice is refused however it is written") {
  CHECK(error_of("a=1&b=2&a=1") == "the query parameter a is given twice");
  CHECK(error_of("a&%61=") == "the query parameter a is given twice");
}

TEST_CASE("a broken escape is refused") {
  for (const char* query : {"a=%", "a=%4", "a=%4g", "a=%g4", "%=a", "a=%-1", "a=% 1", "a=%0x41"}) {
    CAPTURE(query);
    CHECK(error_of(query) == std::string("broken %-escape in the query parameter ") + query);
  }
}
