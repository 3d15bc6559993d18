#include "probe/prompt/prompt.hpp"

#include "base/printable.hpp"
#include "fakes/contains.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::base::find_invalid_utf8;
using inferometer::config::ContextFit;
using inferometer::config::Language;
using inferometer::config::PrefixCache;
using inferometer::config::PromptFile;
using inferometer::config::Target;
using inferometer::config::Workload;
using inferometer::fakes::contains;
using inferometer::probe::prompt::build;
using inferometer::probe::prompt::k_shortened;
using inferometer::probe::prompt::make_prompt;

namespace {

constexpr std::uint64_t k_nonce = 0xfedcba9876543210U;
constexpr std::string_view k_english_nonce = "Report fedcba9876543210.";
constexpr std::string_view k_german_nonce = "Bericht fedcba9876543210.";
constexpr std::string_view k_english_task = "do not stop by yourself.";
constexpr std::string_view k_german_task = "höre nicht von selbst auf.";

Workload workload(PrefixCache prefix_cache, Language language = Language::english) {
  Workload result;
  result.prefix_cache = prefix_cache;
  result.language = language;
  return result;
}

Target generated(std::uint32_t input_tokens, std::uint32_t window, ContextFit policy) {
  Target result;
  result.model.context_window = window;
  result.workload.input_tokens = input_tokens;
  result.workload.output_tokens = 100;
  result.workload.context_fit = policy;
  return result;
}

Target from_file(std::string text, PrefixCache prefix_cache) {
  Target result;
  result.workload.output_tokens = 100;
  result.workload.prefix_cache = prefix_cache;
  result.workload.prompt_file = PromptFile{"prompt.txt", std::move(text)};
  return result;
}

}  // namespace

TEST_CASE("prompt: has exactly the wanted length in both languages") {
  for (const Language language : {Language::english, Language::german}) {
    for (const PrefixCache cache : {PrefixCache::avoid, PrefixCache::reuse}) {
      for (std::size_t characters = 60; characters < 1500; ++characters) {
        const std::string prompt = make_prompt(workload(cache, language), characters, k_nonce);
        CAPTURE(prompt);
        REQUIRE(prompt.size() == characters);
        REQUIRE(find_invalid_utf8(prompt) == std::string::npos);
      }
      CHECK(make_prompt(workload(cache, language), 4'000'000, k_nonce).size() == 4'000'000);
    }
  }
}

TEST_CASE("prompt: ends with the task in its language after an empty line") {
  const std::string english = make_prompt(workload(PrefixCache::avoid), 2048, k_nonce);
  CHECK(contains(english, ".\n\nContinue the report above in English"));
  CHECK(english.ends_with(k_english_task));
  const std::string german =
      make_prompt(workload(PrefixCache::avoid, Language::german), 2048, k_nonce);
  CHECK(contains(german, ".\n\nSetze den Bericht oben auf Deutsch fort"));
  CHECK(german.ends_with(k_german_task));
}

TEST_CASE("prompt: begins with its nonce to avoid the prefix cache") {
  const Workload avoid = workload(PrefixCache::avoid);
  CHECK(make_prompt(avoid, 2048, k_nonce).starts_with(k_english_nonce));
  CHECK(make_prompt(avoid, 2048, 1).starts_with("Report 0000000000000001. The "));
  CHECK(make_prompt(avoid, 2048, 1) == make_prompt(avoid, 2048, 1));
  CHECK(make_prompt(avoid, 2048, 1).substr(25) == make_prompt(avoid, 2048, 2).substr(25));
  CHECK(make_prompt(workload(PrefixCache::avoid, Language::german), 2048, k_nonce)
            .starts_with(k_german_nonce));
}

TEST_CASE("prompt: is the same whatever the nonce to reuse the prefix cache") {
  const Workload reuse = workload(PrefixCache::reuse);
  CHECK(make_prompt(reuse, 2048, 1) == make_prompt(reuse, 2048, 2));
  CHECK_FALSE(contains(make_prompt(reuse, 2048, 1), "0000000000000001"));
}

TEST_CASE("prompt: another seed gives another text from the start") {
  Workload first = workload(PrefixCache::reuse);
  Workload second = first;
  second.seed = 1;
  CHECK(make_prompt(first, 2048, 1).substr(0, 30) != make_prompt(second, 2048, 1).substr(0, 30));
}

TEST_CASE("prompt: keeps nonce and a short task whole however short it is to be") {
  for (const std::size_t characters : {0UL, 1UL, 4UL, 20UL, 44UL}) {
    CAPTURE(characters);
    CHECK(make_prompt(workload(PrefixCache::avoid), characters, 9) ==
          "Report 0000000000000009. Write a long report.");
  }
  CHECK(make_prompt(workload(PrefixCache::reuse), 4, 9) == "Write a long report.");
  CHECK(make_prompt(workload(PrefixCache::reuse, Language::german), 4, 9) ==
        "Schreibe einen langen Bericht.");
  CHECK(make_prompt(workload(PrefixCache::avoid, Language::german), 4, 9) ==
        "Bericht 0000000000000009. Schreibe einen langen Bericht.");
}

TEST_CASE("build: a generated prompt has the length that it is told and no system prompt") {
  const Target target = generated(500, 4096, ContextFit::refuse);
  const auto prompt = build(target, 1800, k_nonce);
  REQUIRE(prompt);
  CHECK(prompt->user == make_prompt(target.workload, 1800, k_nonce));
  CHECK(prompt->system.empty());
}

TEST_CASE("build: a generated prompt that does not fit is refused with the figures") {
  const auto prompt = build(generated(4000, 4096, ContextFit::refuse), 16'000, k_nonce);
  REQUIRE_FALSE(prompt);
  for (const char* figure : {"4000", "4096", "100", "3996"}) {
    CHECK(contains(prompt.error().message, figure));
  }
}

TEST_CASE("build: a generated prompt that just fits is not refused for its length") {
  CHECK(build(generated(3996, 4096, ContextFit::refuse), 50'000, k_nonce));
  CHECK_FALSE(build(generated(3997, 4096, ContextFit::refuse), 10, k_nonce));
}

TEST_CASE("build: a generated prompt that is truncated keeps nonce and task and shows the cut") {
  for (const ContextFit policy :
       {ContextFit::truncate_start, ContextFit::truncate_middle, ContextFit::truncate_end}) {
    const Target target = generated(4000, 1100, policy);
    const auto prompt = build(target, 4000, k_nonce);
    REQUIRE(prompt);
    CHECK(prompt->user.size() == 4000);
    CHECK(prompt->user.starts_with(k_english_nonce));
    CHECK(prompt->user.ends_with(k_english_task));
    CHECK(contains(prompt->user, k_shortened));
    CHECK(build(target, 4000, k_nonce)->user == prompt->user);
  }
}

TEST_CASE("build: a window that the reserve fills is an error for every kind of prompt") {
  for (const ContextFit policy : {ContextFit::refuse, ContextFit::truncate_end}) {
    CHECK_FALSE(build(generated(10, 100, policy), 40, k_nonce));
    Target file = from_file("x", PrefixCache::reuse);
    file.model.context_window = 100;
    file.workload.context_fit = policy;
    CHECK_FALSE(build(file, 0, k_nonce));
  }
}

TEST_CASE("build: a window with room for less than the mark is an error") {
  CHECK_FALSE(build(generated(1000, 103, ContextFit::truncate_end), 12, k_nonce));
}

TEST_CASE("build: a prompt file is sent as it is to reuse the prefix cache") {
  const auto prompt = build(from_file("Was gibt es Neues?", PrefixCache::reuse), 0, k_nonce);
  REQUIRE(prompt);
  CHECK(prompt->user == "Was gibt es Neues?");
}

TEST_CASE("build: a prompt file comes after the nonce to avoid the prefix cache") {
  const auto prompt = build(from_file("# Title", PrefixCache::avoid), 0, k_nonce);
  REQUIRE(prompt);
  CHECK(prompt->user == std::string(k_english_nonce) + "\n\n# Title");
}

TEST_CASE("build: a system prompt begins with the nonce as well since caches see it first") {
  Target target = from_file("Hello", PrefixCache::avoid);
  target.workload.system_prompt_file = PromptFile{"system.txt", std::string("Be brief.")};
  const auto avoid = build(target, 0, k_nonce);
  REQUIRE(avoid);
  CHECK(avoid->system == std::string(k_english_nonce) + "\n\nBe brief.");
  target.workload.prefix_cache = PrefixCache::reuse;
  const auto reuse = build(target, 0, k_nonce);
  REQUIRE(reuse);
  CHECK(reuse->system == "Be brief.");
}

TEST_CASE("build: a long prompt file is fitted with nonce and system prompt counted") {
  Target target = from_file("BEGIN" + std::string(2000, 'x') + "END", PrefixCache::avoid);
  target.workload.system_prompt_file = PromptFile{"system.txt", std::string("Be brief.")};
  target.model.context_window = 400;
  CHECK_FALSE(build(target, 0, k_nonce));
  target.workload.context_fit = ContextFit::truncate_middle;
  const auto prompt = build(target, 0, k_nonce);
  REQUIRE(prompt);
  CHECK(prompt->system.size() + prompt->user.size() == 300 * 4);
  CHECK(prompt->user.starts_with(std::string(k_english_nonce) + "\n\nBEGINx"));
  CHECK(prompt->user.ends_with("xEND"));
  const auto calibrated = build(target, 0, k_nonce, 2);
  REQUIRE(calibrated);
  CHECK(calibrated->system.size() + calibrated->user.size() == 300 * 2);
}

TEST_CASE("build: a prompt file of any length is sent where the window is not known") {
  Target target = from_file(std::string(1'000'000, 'x'), PrefixCache::reuse);
  const auto prompt = build(target, 0, k_nonce);
  REQUIRE(prompt);
  CHECK(prompt->user.size() == 1'000'000);
}
