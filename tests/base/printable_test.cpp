#include "base/printable.hpp"

#include <doctest/doctest.h>

using inferometer::base::one_line;
using inferometer::base::printable;

TEST_CASE("text that a terminal shows stays as it is") {
  CHECK(printable("").empty());
  CHECK(printable("two lines\n\tand a tab, ümlaut, 你好, \U0001F600") ==
        "two lines\n\tand a tab, ümlaut, 你好, \U0001F600");
}

TEST_CASE("control characters of all kinds are written out") {
  CHECK(printable("\x1b[31mred\x07\x7f\r") == "\\u001b[31mred\\u0007\\u007f\\u000d");
  CHECK(printable("\u009b31m\u0085") == "\\u009b31m\\u0085");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\u0000b");
}

TEST_CASE("marks that change the direction of text and separators of lines are written out") {
  CHECK(printable("a\u202eb\u2066c\u2069\u200f\u200e\u061c") ==
        "a\\u202eb\\u2066c\\u2069\\u200f\\u200e\\u061c");
  CHECK(printable("\u2028\u2029") == "\\u2028\\u2029");
  CHECK(printable("\u2027\u202f\u2065\u206a") == "\u2027\u202f\u2065\u206a");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
  CHECK(printable("a\xff\xc2") == "a\uFFFD\uFFFD");
  CHECK(printable("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("one line holds nothing that a terminal obeys") {
  CHECK(one_line("a\r\n\tb\x1b[31m\u009b\u202e\u2028 c \n", 100) == "a   b [31m    c  ");
  CHECK(one_line("ü 你好 \U0001F600", 100) == "ü 你好 \U0001F600");
  CHECK(one_line("a\xff\xc2", 100) == "a??");
  CHECK(one_line("", 100).empty());
  CHECK(one_line("\n \n", 100) == "   ");
}

TEST_CASE("one line is cut between two characters") {
  CHECK(one_line("abc", 3) == "abc");
  CHECK(one_line("abü", 3) == "ab");
  CHECK(one_line("ab cd", 3) == "ab ");
  CHECK(one_line("\xff\xff\xff", 2) == "??");
}
