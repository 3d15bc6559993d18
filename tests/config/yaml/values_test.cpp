#include "config/yaml/values.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;

namespace inferometer::config {

TEST_CASE("a name has 1 to 128 bytes") {
  CHECK(parse_name("a") == "a");
  CHECK(parse_name(std::string(128, 'a')) == std::string(128, 'a'));
  CHECK_FALSE(parse_name("").has_value());
  CHECK_FALSE(parse_name(std::string(129, 'a')).has_value());
  CHECK(parse_name("ü 😀 \u3000").has_value());
}

TEST_CASE("a name holds no characters that rule files of Prometheus' cannot carry") {
  for (const char* character : {"\u2028", "\u2029", "\u202e", "\u0085", "\ufffd", "\ufdd0",
                                "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"}) {
    CAPTURE(character);
    CHECK_FALSE(parse_name("a" + std::string(character) + "b").has_value());
  }
  for (const char* character : {"\ufdcf", "\ufdf0", "\ufffc", "\U0001fffd", "\U00020000"}) {
    CAPTURE(character);
    CHECK(parse_name(character).has_value());
  }
}

TEST_CASE("a label may not be what Prometheus, its rules or PromQL take for something else") {
  for (const char* name :
       {"severity", "alertname", "sloth_id", "sloth_window", "inf", "Inf", "NaN"}) {
    CAPTURE(name);
    CHECK_FALSE(is_label_name(name));
  }
  CHECK(is_label_name("info"));
  CHECK(is_label_name("sloth"));
}

TEST_CASE("a boolean is true or false and nothing like it") {
  CHECK(parse_boolean("true") == true);
  CHECK(parse_boolean("false") == false);
  for (const std::string_view text : {"", "True", "yes", "on", "1"}) {
    CHECK_FALSE(parse_boolean(text).has_value());
  }
}

TEST_CASE("a whole number is decimal and within its range") {
  CHECK(parse_whole_number("1", 1, 10) == 1U);
  CHECK(parse_whole_number("10", 1, 10) == 10U);
  for (const std::string_view text :
       {"", "0", "11", "-1", "+1", "1.0", "1e0", "0x1", " 1", "1 ", "4294967297", "one"}) {
    CHECK_MESSAGE(!parse_whole_number(text, 1, 10).has_value(), text);
  }
}

TEST_CASE("a number is decimal and within its range") {
  CHECK(parse_number("0", 0, 2) == 0.0);
  CHECK(parse_number("2", 0, 2) == 2.0);
  CHECK(parse_number("0.7", 0, 2) == 0.7);
  for (const std::string_view text :
       {"", "2.0001", "-0.1", "nan", "inf", "-inf", "0.7x", "1e999", ","}) {
    CHECK_MESSAGE(!parse_number(text, 0, 2).has_value(), text);
  }
}

TEST_CASE("a duration is within its range") {
  CHECK(parse_duration_within("1s", 1s, 2s) == 1s);
  CHECK(parse_duration_within("2s", 1s, 2s) == 2s);
  CHECK_FALSE(parse_duration_within("999ms", 1s, 2s).has_value());
  CHECK_FALSE(parse_duration_within("2001ms", 1s, 2s).has_value());
  CHECK_FALSE(parse_duration_within("1", 1s, 2s).has_value());
  CHECK(parse_timeout("1ns") == 1ns);
  CHECK(parse_timeout("1h") == 1h);
  CHECK_FALSE(parse_timeout("0s").has_value());
  CHECK_FALSE(parse_timeout("3600.1s").has_value());
}

TEST_CASE("a header name is an HTTP token") {
  CHECK(is_header_name("X-Title"));
  CHECK(is_header_name(std::string(128, 'x')));
  CHECK_FALSE(is_header_name(std::string(129, 'x')));
  CHECK(is_header_name("x_1!#$%&'*+.^`|~"));
  for (const std::string_view name : {"", "a b", "a:", "a\r", "ü", "a(b)", "\"a\"", "a/b"}) {
    CHECK_FALSE(is_header_name(name));
  }
}

TEST_CASE("a region has 1 to 32 lower-case letters digits and hyphens") {
  CHECK(parse_region("us-east-1") == "us-east-1");
  CHECK(parse_region(std::string(32, 'a')).has_value());
  for (const std::string& text :
       {std::string(), std::string(33, 'a'), std::string("US-EAST-1"), std::string("us_east"),
        std::string("a b"), std::string("ü"), std::string("a/b")}) {
    CHECK_MESSAGE(!parse_region(text).has_value(), text);
  }
}

TEST_CASE("a path starts from the folder unless it is absolute") {
  CHECK(parse_path("a/b", "/c") == "/c/a/b");
  CHECK(parse_path("/a", "/c") == "/a");
  CHECK_FALSE(parse_path("", "/c").has_value());
}

TEST_CASE("no error repeats the text") {
  CHECK(parse_variable_name("hunter-2").error().message.find("hunter") == std::string::npos);
}

}  // namespace inferometer::config
