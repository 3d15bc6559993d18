#include "probe/expectation.hpp"

#include <doctest/doctest.h>

namespace inferometer::probe {
namespace {

config::Target expecting(std::string regex) {
  config::Target target;
  target.workload.expect.regex = std::move(regex);
  return target;
}

}  // namespace

TEST_CASE("expectations: what is kept is compiled once and shared") {
  Expectations expectations;
  const config::Target target = expecting("^a");
  expectations.keep({target, expecting("^b"), config::Target()});
  const auto first = expectations.get(target.workload.expect);
  const auto second = expectations.get(target.workload.expect);
  REQUIRE((first && second));
  CHECK(*first == *second);
  CHECK((*first)->check("ab"));
  CHECK_FALSE((*first)->check("ba"));
  expectations.keep({target});
  CHECK(*expectations.get(target.workload.expect) == *first);
  expectations.keep({});
  CHECK(*expectations.get(target.workload.expect) != *first);
}

TEST_CASE("expectations: nothing is expected where nothing is given and nonsense is an error") {
  const Expectations expectations;
  CHECK(*expectations.get({}) == nullptr);
  CHECK_FALSE(expectations.get({.regex = "a(b"}));
  CHECK(*expectations.get({.json = true}) != nullptr);
}

}  // namespace inferometer::probe
