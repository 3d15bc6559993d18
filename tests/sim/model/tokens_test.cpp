#include "sim/model/tokens.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::sim;

namespace {

std::string say(const AnswerText& text, std::uint64_t first, std::uint64_t count) {
  std::string out;
  text.append(out, first, count);
  return out;
}

constexpr Tokenizer k_bytes{.bytes_per_token = 1};

/// A prompt of that many blocks, all of them different.
std::string blocks(std::size_t count, char first = 'a') {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text.append(16, static_cast<char>(first + static_cast<char>(i)));
  }
  return text;
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

TEST_CASE("prefix cache: a prompt counts its template and its bytes rounded up") {
  CHECK(Tokenizer().count(0) == 0);
  CHECK(Tokenizer().count(1) == 1);
  CHECK(Tokenizer().count(8) == 2);
  CHECK(Tokenizer{.bytes_per_token = 3.7}.count(37) == 10);
  CHECK(Tokenizer{.bytes_per_token = 4, .template_tokens = 12}.count(5) == 14);
}

TEST_CASE("prefix cache: a prompt that was never seen is not cached and the same again is") {
  PrefixCache cache;
  const std::string prompt = blocks(3) + "tail";
  CHECK(cache.use("m", prompt, k_bytes) == 0);
  CHECK(cache.use("m", prompt, k_bytes) == 48);
  CHECK(cache.size() == 3);
}

TEST_CASE("prefix cache: the last token is always computed so that a whole block is given up") {
  PrefixCache cache;
  CHECK(cache.use("m", blocks(3), k_bytes) == 0);
  CHECK(cache.use("m", blocks(3), k_bytes) == 32);
  CHECK(cache.use("m", blocks(1), k_bytes) == 0);
  CHECK(cache.use("m", blocks(1) + "x", k_bytes) == 16);
  CHECK(cache.use("m", "", k_bytes) == 0);
}

TEST_CASE("prefix cache: a common beginning is cached up to the first difference") {
  PrefixCache cache;
  CHECK(cache.use("m", blocks(4) + "x", k_bytes) == 0);
  CHECK(cache.use("m", blocks(2) + blocks(2, 'A') + "x", k_bytes) == 32);
  CHECK(cache.use("m", "!" + blocks(4), k_bytes) == 0);
}

TEST_CASE("prefix cache: an equal block behind another beginning is another block") {
  PrefixCache cache;
  CHECK(cache.use("m", blocks(1, 'a') + blocks(1, 'z') + "x", k_bytes) == 0);
  CHECK(cache.use("m", blocks(1, 'b') + blocks(1, 'z') + "x", k_bytes) == 0);
  CHECK(cache.size() == 4);
}

TEST_CASE("prefix cache: models do not share what they know") {
  PrefixCache cache;
  CHECK(cache.use("m", blocks(2) + "x", k_bytes) == 0);
  CHECK(cache.use("n", blocks(2) + "x", k_bytes) == 0);
  CHECK(cache.use("m", blocks(2) + "x", k_bytes) == 32);
}

TEST_CASE(
    "prefix cache: a block is as many bytes as sixteen tokens and the template fills blocks") {
  PrefixCache cache;
  const Tokenizer four{.bytes_per_token = 4};
  CHECK(cache.use("m", std::string(65, 'x'), four) == 0);
  CHECK(cache.use("m", std::string(65, 'x'), four) == 16);
  const Tokenizer with_template{.bytes_per_token = 4, .template_tokens = 20};
  CHECK(cache.use("m", "a", with_template) == 0);
  CHECK(cache.use("m", "b", with_template) == 16);
}

TEST_CASE("prefix cache: what was not used for longest is forgotten first and from its end") {
  PrefixCache cache(4);
  CHECK(cache.use("m", blocks(2, 'a') + "x", k_bytes) == 0);
  CHECK(cache.use("m", blocks(2, 'k') + "x", k_bytes) == 0);
  CHECK(cache.use("m", blocks(1, 'z') + "x", k_bytes) == 0);
  CHECK(cache.size() == 4);
  CHECK(cache.use("m", blocks(2, 'k') + "x", k_bytes) == 32);
  CHECK(cache.use("m", blocks(2, 'a') + "x", k_bytes) == 16);
}

TEST_CASE("prefix cache: a prompt longer than the cache leaves its beginning and no more") {
  PrefixCache cache(3);
  CHECK(cache.use("m", blocks(20), k_bytes) == 0);
  CHECK(cache.size() == 3);
  CHECK(cache.use("m", blocks(20), k_bytes) == 48);
}
