#include "wire/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace inferometer::wire {
namespace {

bool is_read(std::string_view data) {
  return parse_json(data).has_value();
}

/// The count of a member `n` that is written like this.
std::optional<std::uint64_t> count_of(std::string_view number) {
  const std::string object = R"({"n":)" + std::string(number) + "}";
  REQUIRE(is_read(object));
  return count(parse_json(object), "n");
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("json: what is missing or null or of another type reads as nothing") {
  const auto object = parse_json(R"({"a":null,"b":7,"c":"x","d":[1,2],"e":{"f":"y"},"g":true})");
  REQUIRE(object);
  CHECK_FALSE(member(object, "a"));
  CHECK_FALSE(member(object, "z"));
  CHECK_FALSE(member(member(object, "b"), "a"));
  CHECK_FALSE(member(member(object, "z"), "a"));
  CHECK(text(object, "c") == "x");
  CHECK(text(member(object, "e"), "f") == "y");
  CHECK(text(object, "b").empty());
  CHECK(text(object, "z").empty());
  CHECK(elements(object, "c").empty());
  CHECK(elements(object, "e").empty());
  CHECK(elements(std::nullopt).empty());
  int sum = 0;
  for (const Json element : elements(object, "d")) {
    sum += static_cast<int>(element.get_int64().value_unsafe());
  }
  CHECK(sum == 3);
  CHECK(flag(object, "g"));
  CHECK_FALSE(flag(object, "b"));
  CHECK_FALSE(flag(object, "z"));
}

TEST_CASE("json: of a name that stands twice the last one counts") {
  CHECK(text(parse_json(R"({"a":"x","b":"z","a":"y"})"), "a") == "y");
  CHECK(text(parse_json(R"({"a":"x","\u0061":"y"})"), "a") == "y");
  CHECK_FALSE(member(parse_json(R"({"a":"x","a":null})"), "a"));
}

TEST_CASE("json: a count is a whole number within reason or nothing") {
  CHECK(count_of("0") == 0U);
  CHECK(count_of("21") == 21U);
  CHECK(count_of("21.0") == 21U);
  CHECK(count_of("2.1e1") == 21U);
  CHECK(count_of("1000000000000") == 1'000'000'000'000U);
  for (const std::string_view none :
       {"-1", "2.5", "1000000000001", "18446744073709551615", "18446744073709551616", "1e30",
        "1e400", "null", "true", R"("21")", "[21]", "{}"}) {
    CAPTURE(none);
    CHECK_FALSE(count_of(none));
  }
}

TEST_CASE("json: a number that nothing can hold is null and leaves the rest readable") {
  for (const std::string_view number :
       {"18446744073709551616", "-9223372036854775809", "99999999999999999999", "1e400", "-1e400",
        "9e999", "1.5E+4000"}) {
    CAPTURE(number);
    const std::string object = R"({"t":"1e400 \" 1e400","n":)" + std::string(number) + R"(,"a":[)" +
                               std::string(number) + R"(,7],"last":"x"})";
    CHECK_FALSE(member(parse_json(object), "n"));
    CHECK(text(parse_json(object), "t") == R"(1e400 " 1e400)");
    CHECK(text(parse_json(object), "last") == "x");
    CHECK(is_read(number));
  }
  // What the parser can hold stays what it is.
  for (const std::string_view number : {"18446744073709551615", "-9223372036854775808", "1e308",
                                        "-9999.0", "1700000000.25", "1e-400", "-0"}) {
    CAPTURE(number);
    CHECK(member(parse_json(R"({"n":)" + std::string(number) + "}"), "n"));
  }
}

TEST_CASE("json: what is no JSON stays none whatever numbers stand beside it") {
  for (const std::string_view broken : {"",
                                        " ",
                                        "[1e400",
                                        "[1e400,]",
                                        "[01e400]",
                                        "[1.e400]",
                                        "[-e400]",
                                        "[1e400 7]",
                                        "[.1e400]",
                                        "[+1e400]",
                                        "[1e400]]",
                                        "[1e400e1]",
                                        "NaN",
                                        "[-Infinity]",
                                        "[Infinity]",
                                        "{} x",
                                        "\"\t\"",
                                        "\"\xFF\"",
                                        "\"\xED\xA0\x80\"",
                                        R"("\ud83d")",
                                        R"("\ude00")",
                                        R"("\ud83dx")",
                                        R"({"a":1,})",
                                        "'x'",
                                        "[1 /* x */]"}) {
    CAPTURE(broken);
    CHECK_FALSE(is_read(broken));
  }
}

TEST_CASE("json: a byte order mark before it and spaces around it are no part of it") {
  CHECK(is_read("\xEF\xBB\xBF{}"));
  CHECK(is_read(" \t\r\n{} \r\n"));
  CHECK_FALSE(is_read("{}\xEF\xBB\xBF"));
}

TEST_CASE("json: texts may hold any character") {
  CHECK(text(parse_json(R"({"a":"\u00e9\ud83d\ude00\n\"\\\/"})"), "a") == "é😀\n\"\\/");
  CHECK(text(parse_json(R"({"a":"x\u0000y"})"), "a") == std::string_view("x\0y", 3));
}

TEST_CASE("json: values beyond the bound are refused and all that it allows are read") {
  const std::string most = "[" + std::string(99'999, ',');
  CHECK_FALSE(has_too_many_values(most));
  CHECK(has_too_many_values(most + ","));
  CHECK(is_read(nested(100'000)));
  CHECK_FALSE(is_read(nested(100'001)));
}

TEST_CASE("json: a value is written as one line unless it nests too deeply") {
  const auto written = [](std::string_view json) { return json_text(parse_json(json).value()); };
  CHECK(written(R"( { "a" : [ 1, -2.5, true, null, "x\n\u00e9" ] , "b" : {} } )") ==
        R"({"a":[1,-2.5,true,null,"x\né"],"b":{}})");
  CHECK(written(nested(100)) == nested(100));
  CHECK(written(nested(102)).empty());
}

}  // namespace inferometer::wire
