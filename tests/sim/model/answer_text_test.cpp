#include "sim/model/answer_text.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::sim::AnswerText;

namespace {

std::string say(const AnswerText& text, std::uint64_t first, std::uint64_t count) {
  std::string out;
  text.append(out, first, count);
  return out;
}

}  // namespace

TEST_CASE("a given text is said word by word and again from its start") {
  const AnswerText text = AnswerText::given("The answer is 42.").value();
  CHECK(say(text, 0, 4) == "The answer is 42.");
  CHECK(say(text, 0, 6) == "The answer is 42. The answer");
  CHECK(say(text, 0, 1) == "The");
  CHECK(say(text, 1, 2) == " answer is");
  CHECK(say(text, 4, 1) == " The");
  CHECK(say(text, 0, 0).empty());
}

TEST_CASE("any number of spaces between words counts as one") {
  const AnswerText text = AnswerText::given("  a   b ").value();
  CHECK(say(text, 0, 3) == "a b a");
}

TEST_CASE("a text that is not safe in JSON or has no word is refused") {
  for (const char* text : {"", " ", "a\"b", "a\\b", "a\tb", "\xc3\xbc", "a\x7f"}) {
    CAPTURE(text);
    CHECK(!AnswerText::given(text));
  }
  CHECK(!AnswerText::given(std::string(4097, 'x')));
  CHECK(AnswerText::given(std::string(4096, 'x')));
}

TEST_CASE("each of the built-in words has a space before it") {
  const AnswerText text;
  CHECK(say(text, 0, 2) == " time to");
  CHECK(say(text, 12, 1) == " time");
}
