#include "probe/prompt/generate.hpp"

#include "base/printable.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

using inferometer::base::find_invalid_utf8;
using inferometer::base::has_control_character;
using inferometer::config::Language;
using inferometer::probe::prompt::english_sentences;
using inferometer::probe::prompt::generate_text;
using inferometer::probe::prompt::german_sentences;

namespace {

std::span<const std::string_view> sentences_of(Language language) {
  return language == Language::german ? german_sentences() : english_sentences();
}

constexpr Language k_languages[] = {Language::english, Language::german};

}  // namespace

TEST_CASE("corpus: has more than 120 different sentences in each language") {
  for (const Language language : k_languages) {
    const auto sentences = sentences_of(language);
    CHECK(sentences.size() > 120);
    CHECK(std::set<std::string_view>(sentences.begin(), sentences.end()).size() ==
          sentences.size());
  }
}

TEST_CASE("corpus: every sentence is valid UTF-8 that ends in a full stop") {
  for (const Language language : k_languages) {
    for (const std::string_view sentence : sentences_of(language)) {
      CAPTURE(sentence);
      CHECK(find_invalid_utf8(sentence) == std::string_view::npos);
      CHECK_FALSE(has_control_character(sentence));
      CHECK(sentence.ends_with('.'));
      CHECK(sentence.front() != ' ');
      CHECK(sentence.find("  ") == std::string_view::npos);
    }
  }
}

TEST_CASE("corpus: the German sentences have umlauts and sharp s") {
  std::string all;
  for (const std::string_view sentence : german_sentences()) {
    all.append(sentence);
  }
  for (const std::string_view letter : {"ä", "ö", "ü", "Ä", "ß"}) {
    CAPTURE(letter);
    CHECK(all.find(letter) != std::string::npos);
  }
}

TEST_CASE("generated text: has every length exactly and is valid UTF-8 on one line") {
  for (const Language language : k_languages) {
    for (std::size_t length = 0; length < 2000; ++length) {
      const std::string text = generate_text(language, static_cast<std::uint32_t>(length), length);
      CAPTURE(text);
      REQUIRE(text.size() == length);
      REQUIRE(find_invalid_utf8(text) == std::string::npos);
      REQUIRE_FALSE(has_control_character(text));
      REQUIRE(text.find("  ") == std::string::npos);
      REQUIRE((length == 0 || (text.front() != ' ' && text.ends_with('.'))));
    }
  }
}

TEST_CASE("generated text: is the same for the same language and seed") {
  for (const Language language : k_languages) {
    CHECK(generate_text(language, 7, 5000) == generate_text(language, 7, 5000));
  }
  CHECK(generate_text(Language::english, 7, 5000) != generate_text(Language::german, 7, 5000));
}

TEST_CASE("generated text: is what it always was for a seed") {
  CHECK(generate_text(Language::english, 10, 200) ==
        "It rained. The seamstress threaded the needle at the first attempt, without her glasses. "
        "In the attic they found a suitcase full of letters, tied with blue ribbon. Behind the "
        "cinema, someone has then.");
}

TEST_CASE("generated text: begins with another sentence for each of many seeds") {
  for (const Language language : k_languages) {
    std::set<std::string> beginnings;
    for (std::uint32_t seed = 0; seed < 120; ++seed) {
      beginnings.insert(generate_text(language, seed, 400).substr(0, 20));
    }
    CHECK(beginnings.size() == 120);
  }
}

TEST_CASE("generated text: differs for seeds that share the first sentence") {
  const auto count = static_cast<std::uint32_t>(english_sentences().size());
  const std::string first = generate_text(Language::english, 3, 1000);
  const std::string second = generate_text(Language::english, 3 + count, 1000);
  CHECK(first.substr(0, 20) == second.substr(0, 20));
  CHECK(first.substr(0, 400) != second.substr(0, 400));
}

TEST_CASE("generated text: says every sentence once before it says one again") {
  const std::string text = generate_text(Language::english, 5, 11'000);
  for (const std::string_view sentence : english_sentences()) {
    CAPTURE(sentence);
    const std::size_t at = text.find(sentence);
    CHECK(at != std::string::npos);
    CHECK(text.find(sentence, at + 1) != at + sentence.size() + 1);
  }
}

TEST_CASE("generated text: does not repeat in a short cycle") {
  const std::string text = generate_text(Language::german, 0, 400'000);
  std::set<std::string_view> windows;
  const std::string_view view = text;
  // 200 bytes are about three sentences, and three in the same order are rare.
  std::size_t repeats = 0;
  for (std::size_t at = 0; at + 200 <= view.size(); at += 97) {
    repeats += windows.insert(view.substr(at, 200)).second ? 0U : 1U;
  }
  CHECK(repeats < 5);
}

TEST_CASE("generated text: a million tokens take a fraction of a second") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(generate_text(Language::english, 1, 4'000'000).size() == 4'000'000);
  // It takes a millisecond; the rest is for sanitizers and busy machines.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(200));
}
