#include "config/shared_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace inferometer::config {

TEST_CASE("copies of a text share it and are equal to another of the same content") {
  const SharedText text(std::string("abc"));
  const std::vector<SharedText> copies(2, text);
  const SharedText other = "abc";
  CHECK(&copies.back().str() == &text.str());
  CHECK(&other.str() != &text.str());
  CHECK(other == text);
  CHECK_FALSE(text == SharedText("abd"));
}

TEST_CASE("a text stays where it was moved from") {
  SharedText text = "abc";
  // NOLINTNEXTLINE(performance-move-const-arg): that it is no move is what is tested
  const SharedText moved = std::move(text);
  CHECK(text.str() == "abc");  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(moved == text);
  CHECK(SharedText().empty());
}

TEST_CASE("a text is readily made and read as a string") {
  const SharedText text = "abc";
  const std::string& string = text;
  const std::string_view view = text;
  CHECK(string == view);
  CHECK(text.size() == 3);
}

}  // namespace inferometer::config
