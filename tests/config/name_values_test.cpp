#include "config/provider.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

/// `count` entries as `X-0: a, X-1: a, …`.
std::string entries(int count) {
  std::string text = "X-0: a";
  for (int i = 1; i < count; ++i) {
    text += ", X-" + std::to_string(i) + ": a";
  }
  return text;
}

}  // namespace

TEST_CASE("64 headers and 16 query parameters are allowed") {
  const std::string headers = "headers: {" + entries(64) + "}";
  CHECK(sample::load_good(sample::text_with({.provider = headers})).providers[0].headers.size() ==
        64);
  const std::string query = "query: {" + entries(16) + "}";
  CHECK(sample::load_good(sample::text_with({.provider = query})).providers[0].query.size() == 16);
}

TEST_CASE("a header is refused as a credential also where its value comes from a variable") {
  const std::string messages = sample::load_bad(
      sample::text_with({.provider = "headers: {authorization: \"Bearer ${SECRET}\"}"}));
  CHECK(messages.find("a literal secret") != std::string::npos);
  CHECK(messages.find("hunter2") == std::string::npos);
}

TEST_CASE("a query parameter may hold any text and differ from another in case alone") {
  const Config config = sample::load_good(
      sample::text_with({.provider = "query: {a: \"\", A: \"ü &=#?%\", \"x y\": 1}"}));
  CHECK(config.providers[0].query ==
        std::map<std::string, std::string>{{"a", ""}, {"A", "ü &=#?%"}, {"x y", "1"}});
}

TEST_CASE("a query parameter that carries a credential is refused in any spelling") {
  for (const std::string name : {"key", "api_key", "API-Key", "token", "Access-Token", "sig",
                                 "X-Amz-Signature", "subscription-key", "client_secret"}) {
    const std::string messages =
        sample::load_bad(sample::text_with({.provider = "query: {" + name + ": hunter2}"}));
    CHECK_MESSAGE(
        messages.find("a literal secret: query parameter \"" + name + "\"") != std::string::npos,
        messages);
    CHECK(messages.find("hunter2") == std::string::npos);
  }
}

}  // namespace inferometer::config
