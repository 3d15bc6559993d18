#include "base/secret.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <type_traits>

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
