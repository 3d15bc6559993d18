#include "probe/prompt/context_fit.hpp"

#include "base/printable.hpp"
#include "fakes/contains.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::base::find_invalid_utf8;
using inferometer::config::ContextFit;
using inferometer::fakes::contains;
using inferometer::probe::prompt::check_context;
using inferometer::probe::prompt::ContextLimit;
using inferometer::probe::prompt::fit_context;
using inferometer::probe::prompt::k_shortened;
using inferometer::probe::prompt::shorten;

namespace {

constexpr ContextFit k_truncating[] = {ContextFit::truncate_start, ContextFit::truncate_middle,
                                       ContextFit::truncate_end};

/// The article's window: 16,384 tokens, 1,024 of them for the output.
constexpr ContextLimit k_limit{.window = 16384, .reserve = 1024};
constexpr std::size_t k_room = std::size_t{16384 - 1024} * 4;

}  // namespace

TEST_CASE("context fit: leaves a text that fits as it is whatever the policy") {
  const std::string text(k_room, 'x');
  for (const ContextFit policy : {ContextFit::refuse, ContextFit::truncate_start,
                                  ContextFit::truncate_middle, ContextFit::truncate_end}) {
    CHECK(fit_context(text, k_limit, policy) == text);
    CHECK(fit_context("", k_limit, policy) == "");
  }
}

TEST_CASE("context fit: refuses a longer text and names the figures") {
  const auto fitted = fit_context(std::string(80'000, 'x'), k_limit, ContextFit::refuse);
  REQUIRE_FALSE(fitted);
  for (const char* figure : {"20000", "16384", "1024", "15360"}) {
    CAPTURE(figure);
    CHECK(contains(fitted.error().message, figure));
  }
}

TEST_CASE("context fit: refuses a text that is too long by one character") {
  const auto fitted = fit_context(std::string(k_room + 1, 'x'), k_limit, ContextFit::refuse);
  REQUIRE_FALSE(fitted);
  CHECK(contains(fitted.error().message, "about 15361 tokens"));
}

TEST_CASE("context fit: cuts out the start or the middle or the end and marks the place") {
  const std::string text = "BEGIN" + std::string(k_room, 'x') + "END";
  const auto start = fit_context(text, k_limit, ContextFit::truncate_start);
  REQUIRE(start);
  CHECK(start->starts_with(std::string(k_shortened) + " x"));
  CHECK(start->ends_with("xEND"));
  const auto end = fit_context(text, k_limit, ContextFit::truncate_end);
  REQUIRE(end);
  CHECK(end->starts_with("BEGINx"));
  CHECK(end->ends_with("x " + std::string(k_shortened)));
  const auto middle = fit_context(text, k_limit, ContextFit::truncate_middle);
  REQUIRE(middle);
  CHECK(middle->starts_with("BEGINx"));
  CHECK(middle->ends_with("xEND"));
  CHECK(contains(*middle, "x " + std::string(k_shortened) + " x"));
  for (const auto& fitted : {start, end, middle}) {
    CHECK(fitted->size() == k_room);
  }
}

TEST_CASE("context fit: cuts at characters and stays within the limit") {
  for (const std::string_view character : {"ä", "€", "🙂"}) {
    std::string text;
    while (text.size() < 400) {
      text.append(character);
    }
    for (const ContextFit policy : k_truncating) {
      for (std::size_t length = 40; length < 100; ++length) {
        const auto cut = shorten(text, length, policy);
        REQUIRE(cut);
        CAPTURE(*cut);
        REQUIRE(cut->size() <= length);
        REQUIRE(cut->size() + 6 >= length);
        REQUIRE(find_invalid_utf8(*cut) == std::string::npos);
        REQUIRE(contains(*cut, k_shortened));
      }
    }
  }
}

TEST_CASE("context fit: cuts bytes that are no UTF-8 without leaving the text") {
  const std::string text(400, '\x80');
  for (const ContextFit policy : k_truncating) {
    const auto cut = shorten(text, 60, policy);
    REQUIRE(cut);
    CHECK(cut->size() <= 60);
  }
}

TEST_CASE("context fit: a limit that holds just the mark leaves just the mark") {
  const std::string text(400, 'x');
  for (const ContextFit policy : k_truncating) {
    const std::size_t spaces = policy == ContextFit::truncate_middle ? 2 : 1;
    CHECK(shorten(text, k_shortened.size() + spaces, policy) == std::string(k_shortened));
    CHECK_FALSE(shorten(text, k_shortened.size() + spaces - 1, policy));
  }
}

TEST_CASE("context fit: a window that the reserve fills is an error whatever the text") {
  for (const std::uint32_t reserve : {4096U, 5000U}) {
    for (const ContextFit policy : {ContextFit::refuse, ContextFit::truncate_middle}) {
      const auto fitted = fit_context("x", {.window = 4096, .reserve = reserve}, policy);
      REQUIRE_FALSE(fitted);
      CHECK(contains(fitted.error().message, "4096"));
      CHECK(contains(fitted.error().message, std::to_string(reserve)));
    }
  }
}

TEST_CASE("context fit: counts what is sent besides the text") {
  ContextLimit limit = k_limit;
  limit.other_characters = 1000;
  CHECK(fit_context(std::string(k_room - 1000, 'x'), limit, ContextFit::refuse));
  CHECK_FALSE(fit_context(std::string(k_room - 999, 'x'), limit, ContextFit::refuse));
  const auto cut = fit_context(std::string(k_room, 'x'), limit, ContextFit::truncate_end);
  REQUIRE(cut);
  CHECK(cut->size() == k_room - 1000);
}

TEST_CASE("context fit: does not truncate where the rest alone is too long") {
  ContextLimit limit = k_limit;
  for (const std::size_t other : {k_room, k_room + 1, 10 * k_room}) {
    limit.other_characters = other;
    CAPTURE(other);
    CHECK_FALSE(fit_context("text", limit, ContextFit::truncate_end));
  }
  limit.other_characters = k_room - 3;
  CHECK_FALSE(fit_context("text", limit, ContextFit::truncate_end));
}

TEST_CASE("context fit: uses the calibrated number of characters") {
  ContextLimit limit = k_limit;
  limit.characters_per_token = 2;
  CHECK_FALSE(fit_context(std::string(k_room, 'x'), limit, ContextFit::refuse));
  const auto cut = fit_context(std::string(k_room, 'x'), limit, ContextFit::truncate_start);
  REQUIRE(cut);
  CHECK(cut->size() == k_room / 2);
}

TEST_CASE("context fit: a text that was reported to fill the window exactly fits") {
  for (std::size_t size = 50'000; size < 51'000; size += 7) {
    ContextLimit limit = k_limit;
    limit.characters_per_token = static_cast<double>(size) / (16384 - 1024);
    REQUIRE(fit_context(std::string(size, 'x'), limit, ContextFit::refuse));
  }
}

TEST_CASE("context fit: a count of tokens is held against the window less the reserve") {
  CHECK(check_context(15360, k_limit));
  CHECK_FALSE(check_context(15361, k_limit));
  CHECK_FALSE(check_context(0, {.window = 10, .reserve = 10}));
}
