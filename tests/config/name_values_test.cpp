#include "config/redact.hpp"
#include "config/sample.hpp"
#include "config/section/provider.hpp"
#include "fakes/contains.hpp"

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

TEST_CASE("a provider has labels of its own, also from variables") {
  const Config config = sample::load_good(
      sample::text_with({.provider = "labels: {team: search, region: \"${SECRET}\"}"}));
  CHECK(config.providers[0].labels ==
        std::map<std::string, std::string>{{"team", "search"}, {"region", "hunter2"}});
}

TEST_CASE("a label has a name of Prometheus' that no series has by itself, and a value") {
  const auto problem_of = [](const std::string& labels) {
    return sample::load_bad(sample::text_with({.provider = "labels: {" + labels + "}"}));
  };
  for (const std::string name : {"__meta", "a-b", "1st", "\"\"", "ü"}) {
    CHECK_MESSAGE(fakes::contains(problem_of(name + ": x"), "labels: a key is no name of a label"),
                  name);
  }
  for (const std::string name : {"provider", "model", "workload", "kind", "phase", "reason",
                                 "outcome", "resource", "le", "quantile", "job", "instance"}) {
    const std::string problem = problem_of(name + ": x");
    CHECK_MESSAGE(fakes::contains(problem, "labels: a key is no name of a label"), name);
    CHECK_MESSAGE(fakes::contains(problem, name), "the hint names it");
  }
  CHECK(fakes::contains(problem_of("team: \"\""), "label \"team\": expected 1 to 128 bytes"));
  CHECK(fakes::contains(problem_of("team: " + std::string(129, 'x')), "expected 1 to 128 bytes"));
  CHECK(fakes::contains(problem_of("team: [a]"), "label \"team\": expected text"));
  CHECK(fakes::contains(problem_of("a: x, a: y"), "\"a\""));
  std::string many = "l0: x";
  for (int i = 1; i <= 8; ++i) {
    many += ", l" + std::to_string(i) + ": x";
  }
  CHECK(fakes::contains(problem_of(many), "more than 8 labels"));
}

TEST_CASE("labels stand in the configuration that is shown") {
  const std::string text = sample::text_with({.provider = "labels: {team: \"a $$ b\"}"});
  const Config config = sample::load_good(text);
  CHECK(sample::load_good(to_redacted_yaml(config)) == config);
}

}  // namespace inferometer::config
