#include "base/secret.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <type_traits>

using inferometer::base::redact;
using inferometer::base::Secret;

namespace {

template <typename Type>
concept Printable = requires(std::ostream& out, const Type& value) {
  out << value;
};

}  // namespace

TEST_CASE("a secret cannot be printed or turned into text by accident") {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  CHECK(Secret("sk-1234").reveal() == "sk-1234");
}

TEST_CASE("redact replaces every occurrence of the secret") {
  const Secret key("sk-1234");
  CHECK(redact("bad key sk-1234, given sk-1234", key) == "bad key <secret>, given <secret>");
  CHECK(redact("sk-1234", key) == "<secret>");
  CHECK(redact("nothing here", key) == "nothing here");
  CHECK(redact("", key).empty());
}

TEST_CASE("redact leaves text alone where the secret is empty or too short to be one") {
  CHECK(redact("abc", Secret()) == "abc");
  CHECK(redact("abc", Secret("a")) == "abc");
}
