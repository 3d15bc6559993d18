#include "base/printable.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace std::string_view_literals;

namespace inferometer::base {

TEST_CASE("valid UTF-8 of every length is accepted") {
  CHECK(find_invalid_utf8("") == std::string_view::npos);
  for (const std::string_view text :
       {"a\0b"sv, "ü"sv, "€"sv, "😀"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
        "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    CHECK(find_invalid_utf8(text) == std::string_view::npos);
  }
}

TEST_CASE("what is no UTF-8 is found where it begins") {
  for (const std::string_view text :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc3"sv, "\xc3("sv, "\xe0\x9f\xbf"sv,
        "\xed\xa0\x80"sv, "\xe2\x82"sv, "\xe2(\xac"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv,
        "\xf0\x9f\x98"sv, "\xf5\x80\x80\x80"sv, "\xff"sv}) {
    CHECK(find_invalid_utf8(text) == 0);
    CHECK(find_invalid_utf8("aü" + std::string(text)) == 3);
    CHECK(find_invalid_utf8(std::string(text) + "a") == 0);
  }
}

TEST_CASE("control characters of all three kinds are found") {
  for (const std::string_view text :
       {"\0"sv, "a\tb"sv, "\n"sv, "\x1f"sv, "\x7f"sv, "a\xc2\x85"sv, "\xc2\x80"sv, "\xc2\x9f"sv}) {
    CHECK(has_control_character(text));
  }
  for (const std::string_view text : {""sv, " ~"sv, "\xc2\xa0"sv, "ü"sv, "\xe2\x82\x85"sv}) {
    CHECK_FALSE(has_control_character(text));
  }
}

}  // namespace inferometer::base
