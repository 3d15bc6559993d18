#include "probe/prompt/length_loop.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using inferometer::probe::prompt::LengthLoop;

namespace {

/// Counts like a provider: whole tokens, with what its template adds.
struct Tokenizer {
  double characters_per_token = 4;
  std::uint64_t overhead = 0;

  [[nodiscard]] std::uint64_t count(std::size_t characters) const {
    return overhead + static_cast<std::uint64_t>(
                          std::ceil(static_cast<double>(characters) / characters_per_token));
  }
};

LengthLoop::Goal fixed(std::uint32_t tokens) {
  return {.tokens = tokens};
}

LengthLoop::Goal varying(std::uint32_t tokens) {
  return {.tokens = tokens, .varies = true};
}

double error(const LengthLoop& loop, const Tokenizer& tokenizer) {
  const auto wanted = static_cast<double>(loop.goal().tokens);
  return std::abs(static_cast<double>(tokenizer.count(loop.characters())) - wanted) / wanted;
}

void report(LengthLoop& loop, const Tokenizer& tokenizer, int times) {
  for (int i = 0; i < times; ++i) {
    loop.learn(loop.characters(), tokenizer.count(loop.characters()));
  }
}

constexpr std::uint32_t k_wanted[] = {16, 64, 128, 512, 1000, 4096, 16'384, 100'000};
constexpr double k_ratios[] = {4.0, 3.3, 1.7};
constexpr std::uint64_t k_overheads[] = {0, 7, 50, 400};

}  // namespace

TEST_CASE("length loop: begins with four characters a token") {
  CHECK(LengthLoop(fixed(512)).characters() == 2048);
  CHECK(LengthLoop(varying(1)).characters() == 4);
  CHECK(LengthLoop(fixed(1'000'000)).characters() == 4'000'000);
  CHECK(LengthLoop(fixed(512)).characters_per_token() == doctest::Approx(4));
}

TEST_CASE("length loop: takes the system prompt into account from the start") {
  CHECK(LengthLoop({.tokens = 512, .system_size = 1000}).characters() == 1048);
  CHECK(LengthLoop({.tokens = 512, .system_size = 100'000}).characters() == 1);
}

TEST_CASE("length loop: is within 2 % after 5 reports for every tokenizer and overhead") {
  for (const std::uint32_t wanted : k_wanted) {
    for (const double ratio : k_ratios) {
      for (const std::uint64_t overhead : k_overheads) {
        if (overhead >= wanted) {
          continue;
        }
        CAPTURE(wanted);
        CAPTURE(ratio);
        CAPTURE(overhead);
        const Tokenizer tokenizer{ratio, overhead};
        LengthLoop loop(fixed(wanted));
        report(loop, tokenizer, 5);
        CHECK(error(loop, tokenizer) <= 0.02);
        LengthLoop loose(varying(wanted));
        report(loose, tokenizer, 5);
        CHECK(error(loose, tokenizer) <= std::max(0.02, 2.0 / wanted));
      }
    }
  }
}

TEST_CASE("length loop: is within 2 % after 5 reports with a system prompt of any tokenizer") {
  for (const double ratio : {4.9, 4.0, 3.3, 1.7}) {
    for (const std::size_t system : {100UL, 1000UL, 2000UL}) {
      CAPTURE(ratio);
      CAPTURE(system);
      const Tokenizer alone{ratio, 12};
      const Tokenizer tokenizer{ratio, alone.count(system)};
      LengthLoop loop({.tokens = 2048, .system_size = system});
      report(loop, tokenizer, 5);
      CHECK(error(loop, tokenizer) <= 0.02);
    }
  }
}

TEST_CASE("length loop: never moves again once it is within 1 %") {
  for (const std::uint32_t wanted : k_wanted) {
    const Tokenizer tokenizer{3.3, 7};
    LengthLoop loop(fixed(wanted));
    report(loop, tokenizer, 8);
    const std::size_t settled = loop.characters();
    for (int i = 0; i < 100; ++i) {
      report(loop, tokenizer, 1);
      REQUIRE(loop.characters() == settled);
    }
  }
}

TEST_CASE("length loop: does not swing around the goal") {
  for (const double ratio : k_ratios) {
    const Tokenizer tokenizer{ratio, 400};
    LengthLoop loop(fixed(1000));
    double before = error(loop, tokenizer);
    for (int i = 0; i < 8; ++i) {
      report(loop, tokenizer, 1);
      CAPTURE(ratio);
      CHECK(error(loop, tokenizer) <= before);
      before = error(loop, tokenizer);
    }
  }
}

TEST_CASE("length loop: a settled length moves only if a report is off by more than 2 %") {
  LengthLoop loop(fixed(1000));
  loop.learn(4000, 1005);
  REQUIRE(loop.characters() == 4000);
  for (const std::uint64_t tokens : {1020UL, 980UL, 1011UL, 990UL}) {
    loop.learn(4000, tokens);
    CHECK(loop.characters() == 4000);
  }
  loop.learn(4000, 1021);
  CHECK(loop.characters() < 4000);
}

TEST_CASE("length loop: a count that varies by a few tokens does not make it hunt") {
  for (const std::uint32_t wanted : {64U, 100U, 512U, 4096U}) {
    std::mt19937 random(wanted);  // NOLINT(cert-msc51-cpp)
    const Tokenizer tokenizer{4, 12};
    LengthLoop loop(varying(wanted));
    int moves = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::size_t characters = loop.characters();
      loop.learn(characters, tokenizer.count(characters) + random() % 4);
      moves += loop.characters() != characters ? 1 : 0;
    }
    CAPTURE(wanted);
    CHECK(moves <= 10);
    CHECK(std::abs(static_cast<double>(tokenizer.count(loop.characters())) - wanted) <=
          std::max(0.02 * wanted, 5.0));
  }
}

TEST_CASE("length loop: follows a provider that changes its tokenizer") {
  LengthLoop loop(fixed(2000));
  report(loop, {4, 50}, 5);
  for (const Tokenizer& next : {Tokenizer{3.3, 50}, Tokenizer{1.7, 0}, Tokenizer{5.5, 400}}) {
    report(loop, next, 5);
    CHECK(error(loop, next) <= 0.02);
  }
}

TEST_CASE("length loop: ignores reports of no tokens and absurd ones") {
  LengthLoop loop(fixed(512));
  for (const std::uint64_t tokens : {0UL, 1UL, 63UL, 4097UL, 1'000'000'000'000UL}) {
    CAPTURE(tokens);
    loop.learn(2048, tokens);
    CHECK(loop.characters() == 2048);
    CHECK(loop.characters_per_token() == doctest::Approx(4));
  }
  loop.learn(0, 0);
  CHECK(loop.characters() == 2048);
}

TEST_CASE("length loop: recovers from any single wrong report that is not absurd") {
  for (const std::uint64_t lie : {64UL, 128UL, 400UL, 511UL, 513UL, 700UL, 2000UL, 4000UL}) {
    for (const double ratio : k_ratios) {
      CAPTURE(lie);
      CAPTURE(ratio);
      const Tokenizer tokenizer{ratio, 50};
      LengthLoop loop(fixed(512));
      loop.learn(loop.characters(), lie);
      report(loop, tokenizer, 8);
      CHECK(error(loop, tokenizer) <= 0.02);
      loop.learn(loop.characters(), lie);
      report(loop, tokenizer, 8);
      CHECK(error(loop, tokenizer) <= 0.02);
    }
  }
}

TEST_CASE("length loop: stays within 1 and 16 characters a token whatever is reported") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp)
  for (const LengthLoop::Goal& goal : {fixed(512), varying(512)}) {
    LengthLoop loop(goal);
    for (int i = 0; i < 10'000; ++i) {
      loop.learn(i % 2 == 0 ? loop.characters() : random() % 8192, random() % 10'000);
      REQUIRE(loop.characters() >= 1);
      REQUIRE(loop.characters() <= std::size_t{16} * 512);
      REQUIRE(loop.characters_per_token() >= 1);
      REQUIRE(loop.characters_per_token() <= 16);
    }
  }
}

TEST_CASE("length loop: a constant report ends in a settled length") {
  LengthLoop loop(fixed(512));
  for (int i = 0; i < 8; ++i) {
    loop.learn(loop.characters(), 256);
  }
  CHECK(loop.characters() == 2048);  // none was better than the first
  loop.learn(2048, 256);
  CHECK(loop.characters() == 2048);
  report(loop, {4, 0}, 1);
  CHECK(loop.characters() == 2048);
}

TEST_CASE("length loop: goes as low as it can where the overhead alone is too much") {
  const Tokenizer tokenizer{4, 400};
  LengthLoop loop(fixed(128));
  report(loop, tokenizer, 20);
  CHECK(loop.characters() <= 4);
  const std::size_t settled = loop.characters();
  report(loop, tokenizer, 1);
  CHECK(loop.characters() == settled);
}

TEST_CASE("length loop: keeps the first guess where the overhead is more than 8 times the goal") {
  LengthLoop loop(fixed(16));
  report(loop, {4, 400}, 10);
  CHECK(loop.characters() == 64);
}

TEST_CASE("length loop: settles where the prompt cannot be as short as it asks") {
  constexpr std::size_t k_shortest = 45;
  const Tokenizer tokenizer{3, 10};
  LengthLoop loop(varying(16));
  std::vector<std::size_t> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(std::max(loop.characters(), k_shortest));
    loop.learn(sent.back(), tokenizer.count(sent.back()));
  }
  CHECK(std::count(sent.begin() + 2, sent.end(), k_shortest) == 18);
  CHECK(loop.characters() == k_shortest);
}

TEST_CASE("length loop: learns from an older length while it moves and not once it has settled") {
  const Tokenizer tokenizer{3.3, 50};
  LengthLoop loop(fixed(1000));
  loop.learn(4000, tokenizer.count(4000));
  loop.learn(4000, tokenizer.count(4000));
  report(loop, tokenizer, 5);
  CHECK(error(loop, tokenizer) <= 0.02);
  const std::size_t settled = loop.characters();
  loop.learn(4000, tokenizer.count(4000));
  CHECK(loop.characters() == settled);
}

TEST_CASE("length loop: takes a prompt that was cut a few bytes shorter for its own length") {
  LengthLoop loop(fixed(1000));
  loop.learn(4000, 1000);
  loop.learn(3997, 1100);
  CHECK(loop.characters() < 3997);
}

TEST_CASE("length loop: learns the average of a prompt file and asks for no length") {
  LengthLoop loop(fixed(0));
  CHECK(loop.characters() == 0);
  loop.learn(3000, 1000);
  CHECK(loop.characters_per_token() == doctest::Approx(3));
  CHECK(loop.characters() == 0);
  LengthLoop with_system({.system_size = 1000});
  with_system.learn(1000, 1000);
  CHECK(with_system.characters_per_token() == doctest::Approx(2));
}

namespace {

/// Attempts at a provider that takes inputs of up to `window` tokens; how many were refused until
/// one was not, or -1 if none was accepted.
int refusals_until_accepted(LengthLoop& loop, const Tokenizer& tokenizer, std::uint64_t window,
                            bool counts) {
  for (int refused = 0; refused < 20; ++refused) {
    const std::uint64_t tokens = tokenizer.count(loop.characters());
    if (tokens <= window) {
      return refused;
    }
    if (counts) {
      loop.learn(loop.characters(), tokens);
    } else {
      loop.refuse(loop.characters());
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("length loop: a first guess that is refused becomes shorter until it is taken") {
  for (const std::uint32_t wanted : {64U, 1000U, 100'000U}) {
    for (const double ratio : {3.3, 2.5, 1.7}) {
      CAPTURE(wanted);
      CAPTURE(ratio);
      const Tokenizer tokenizer{.characters_per_token = ratio, .overhead = 0};
      LengthLoop told(fixed(wanted));
      const int refused = refusals_until_accepted(told, tokenizer, wanted + wanted / 50, true);
      CHECK(refused >= 1);
      CHECK(refused <= 3);
      LengthLoop untold(fixed(wanted));
      const int blind = refusals_until_accepted(untold, tokenizer, wanted, false);
      CHECK(blind >= 1);
      CHECK(blind <= 5);
      report(untold, tokenizer, 8);  // what was accepted has a usage report
      CHECK(error(untold, tokenizer) <= 0.02);
    }
  }
}

TEST_CASE("length loop: what does not fit is sent in full for most of the time") {
  LengthLoop loop(fixed(1000));
  int in_full = 0;
  for (int i = 0; i < 100; ++i) {
    in_full += loop.characters() == 4000 ? 1 : 0;
    CHECK(loop.characters() >= 1500);
    loop.refuse(loop.characters());
  }
  CHECK(in_full >= 75);
}

TEST_CASE("length loop: where the count of what does not fit is told it has the wanted length") {
  const Tokenizer tokenizer{.characters_per_token = 2.5, .overhead = 7};
  LengthLoop loop(fixed(1000));
  CHECK(refusals_until_accepted(loop, tokenizer, 500, true) == -1);
  CHECK(error(loop, tokenizer) <= 0.01);
}

TEST_CASE("length loop: counts that are known say that it is the window and not the length") {
  const Tokenizer tokenizer{.characters_per_token = 4, .overhead = 0};
  LengthLoop loop(fixed(1000));
  loop.learn(2000, 500);  // of an attempt that was accepted
  REQUIRE(tokenizer.count(loop.characters()) >= 990);
  for (int i = 0; i < 50; ++i) {
    loop.refuse(loop.characters());
    CHECK(tokenizer.count(loop.characters()) >= 960);
  }
}

TEST_CASE("length loop: an accepted length that is refused again and again is sought anew") {
  Tokenizer tokenizer{.characters_per_token = 4, .overhead = 0};
  LengthLoop loop(fixed(1000));
  report(loop, tokenizer, 3);
  REQUIRE(loop.characters() == 4000);
  loop.refuse(4000);
  loop.refuse(4000);
  CHECK(loop.characters() == 4000);
  loop.learn(4000, 1000);  // once accepted, they do not count
  loop.refuse(4000);
  loop.refuse(4000);
  CHECK(loop.characters() == 4000);
  tokenizer.characters_per_token = 3;
  loop.refuse(4000);
  CHECK(loop.characters() == 3200);
  CHECK(refusals_until_accepted(loop, tokenizer, 1000, false) <= 3);
  report(loop, tokenizer, 8);
  CHECK(error(loop, tokenizer) <= 0.02);
}

TEST_CASE("length loop: refusals of other lengths come from attempts that were open before") {
  LengthLoop loop(fixed(1000));
  loop.refuse(4000);
  CHECK(loop.characters() == 3200);
  loop.refuse(4000);
  loop.refuse(3300);
  CHECK(loop.characters() == 3200);
  loop.refuse(3198);  // cut at a character
  CHECK(loop.characters() == 2560);
}

TEST_CASE("length loop: a prompt file that is cut is cut shorter and one that is not stays") {
  LengthLoop cut({.tokens = 0, .truncates = true});
  cut.refuse(12'345);
  CHECK(cut.characters_per_token() == doctest::Approx(3.2));
  CHECK(cut.characters() == 0);
  for (int i = 0; i < 5; ++i) {
    cut.refuse(12'345);
  }
  CHECK(cut.characters_per_token() == doctest::Approx(4));
  LengthLoop whole(fixed(0));
  whole.refuse(12'345);
  CHECK(whole.characters_per_token() == doctest::Approx(4));
}
