#include "probe/expectation.hpp"

#include "base/printable.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::probe::Expectation;

namespace base = inferometer::base;
namespace config = inferometer::config;

namespace {

/// The message of the failed check; empty if the text is as expected.
std::string check(const config::Expectation& expected, std::string_view text) {
  const auto expectation = Expectation::compile(expected);
  REQUIRE(expectation);
  const auto result = expectation->check(text);
  return result ? std::string() : result.error().message;
}

std::string check_regex(const std::string& regex, std::string_view text) {
  return check({.regex = regex}, text);
}

std::string check_json(std::string_view text) {
  return check({.json = true}, text);
}

}  // namespace

TEST_CASE("expectation: none takes any text") {
  CHECK(check({}, "").empty());
  CHECK(check({}, "\xff").empty());
}

TEST_CASE("expectation: a regular expression matches anywhere") {
  CHECK(check_regex("4[0-9]", "the answer is 42.").empty());
  CHECK(check_regex("^the", "the answer").empty());
  CHECK(check_regex("Größe", "die Größe zählt").empty());
  CHECK_FALSE(check_regex("^answer", "the answer").empty());
}

TEST_CASE("expectation: a dot is a whole character") {
  CHECK(check_regex("^.$", "ß").empty());
  CHECK_FALSE(check_regex("^..$", "ß").empty());
}

TEST_CASE("expectation: says what was expected and what came") {
  CHECK(check_regex("4[0-9]", "fifty") ==
        "expected text that matches the regular expression \"4[0-9]\", got \"fifty\"");
  CHECK(check_regex("x", "") ==
        "expected text that matches the regular expression \"x\", got nothing");
  CHECK(check_regex("y$", "fifty \n") ==
        "expected text that matches the regular expression \"y$\", got \"fifty  \"");
  CHECK(check_json("no") == "expected the whole text to be one JSON value, got \"no\"");
}

TEST_CASE("expectation: shows of a long text one short line of valid UTF-8") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text = std::string(shift, 'x') + "line\nbreak\r\t\x1b[0m\xc2\x9b\xff\xc3";
    for (int i = 0; i < 100; ++i) {
      text += "ä€🙂";
    }
    const std::string message = check_json(text);
    CAPTURE(message);
    const std::string excerpt = message.substr(message.find("got ") + 4);
    CHECK(excerpt.size() <= 80);
    CHECK(excerpt.size() > 70);
    CHECK(excerpt.ends_with("…\""));
    CHECK(base::find_invalid_utf8(excerpt) == std::string::npos);
    CHECK_FALSE(base::has_control_character(excerpt));
    CHECK(excerpt.find("line break") != std::string::npos);
  }
}

TEST_CASE("expectation: shows a text of just 78 bytes whole and cuts the next") {
  CHECK(check_json(std::string(78, 'x')).ends_with("got \"" + std::string(78, 'x') + "\""));
  CHECK(check_json(std::string(79, 'x')).ends_with("got \"" + std::string(75, 'x') + "…\""));
}

TEST_CASE("expectation: shows any bytes as valid UTF-8") {
  for (int byte = 1; byte < 256; ++byte) {
    for (const std::string& text :
         {std::string(1, static_cast<char>(byte)), std::string(200, static_cast<char>(byte)),
          std::string("\xc2") + static_cast<char>(byte)}) {
      const std::string message = check_regex("$.", text);
      REQUIRE(base::find_invalid_utf8(message) == std::string::npos);
      REQUIRE_FALSE(base::has_control_character(message));
    }
  }
}

TEST_CASE("expectation: JSON is one value with nothing but white space around it") {
  for (const char* good : {"{}", "[1,2]", " \n{\"a\": \"ü\"}\n", "null", "\"x\"", "-1.5e3"}) {
    CAPTURE(good);
    CHECK(check_json(good).empty());
  }
  for (const char* bad : {"", " ", "{", "{} {}", "{}x", "```json\n{}\n```", "{'a': 1}", "[1,]",
                          "\"\xff\"", "\"\xc3\"", "NaN", "// c\n1"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_json(bad).empty());
  }
}

TEST_CASE("expectation: JSON of great depth or many values is judged without harm") {
  CHECK_FALSE(check_json(std::string(1'000'000, '[')).empty());
  CHECK(check_json(std::string(100'000, '[') + std::string(100'000, ']')).empty());
  std::string many = "[0";
  for (int i = 0; i < 200'000; ++i) {
    many += ",0";
  }
  CHECK(check_json(many + "]").empty());
}

TEST_CASE("expectation: both must hold where both are given") {
  const config::Expectation both{.regex = "ok", .json = true};
  CHECK(check(both, "\"ok\"").empty());
  CHECK_FALSE(check(both, "ok").empty());
  CHECK_FALSE(check(both, "\"no\"").empty());
}

TEST_CASE("expectation: a regular expression that is none is an error that shows it") {
  const auto expectation = Expectation::compile({.regex = "a(b"});
  REQUIRE_FALSE(expectation);
  CHECK(expectation.error().message.find("a(b") != std::string::npos);
  CHECK_FALSE(Expectation::compile({.regex = "(((a{1000}){1000}){1000})"}));
  CHECK_FALSE(Expectation::compile({.regex = "\xff"}));
}

TEST_CASE("expectation: hostile texts take no more than linear time") {
  CHECK_FALSE(check_regex("(a*)*b", std::string(1'000'000, 'a')).empty());
  CHECK_FALSE(check_regex("(x+x+)+y", std::string(1'000'000, 'x')).empty());
  CHECK(check_regex("b$", std::string(1'000'000, '\xff') + "b").empty());
}

TEST_CASE("expectation: can be moved and used again") {
  auto expectation = Expectation::compile({.regex = "^a"});
  REQUIRE(expectation);
  const Expectation moved = *std::move(expectation);
  CHECK(moved.check("ab"));
  CHECK_FALSE(moved.check("ba"));
  CHECK(moved.check("a"));
}
