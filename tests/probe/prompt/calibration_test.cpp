#include "probe/prompt/calibration.hpp"

#include "probe/prompt/prompt.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

using inferometer::config::ContextFit;
using inferometer::config::Language;
using inferometer::config::PrefixCache;
using inferometer::config::PromptFile;
using inferometer::config::Target;
using inferometer::probe::prompt::build;
using inferometer::probe::prompt::Calibration;

namespace {

Target target(const std::string& model = "model") {
  Target result;
  result.provider.name = "provider";
  result.model.name = model;
  result.workload.name = "workload";
  result.workload.input_tokens = 1000;
  result.workload.output_tokens = 128;
  result.workload.prefix_cache = PrefixCache::reuse;
  return result;
}

/// Has learnt that the target's tokens have 2 characters.
void teach(Calibration& calibration, const Target& target) {
  REQUIRE(calibration.characters_for(target) == 4000);
  calibration.learn(target.key(), 4000, 2000);
  REQUIRE(calibration.characters_for(target) == 2000);
}

}  // namespace

TEST_CASE("calibration: each target learns for itself") {
  Calibration calibration;
  teach(calibration, target("first"));
  CHECK(calibration.characters_for(target("second")) == 4000);
  CHECK(calibration.characters_for(target("first")) == 2000);
  CHECK(calibration.characters_per_token(target("first").key()) == doctest::Approx(2));
  CHECK(calibration.characters_per_token(target("second").key()) == doctest::Approx(4));
}

TEST_CASE("calibration: a report on an unknown target does nothing") {
  Calibration calibration;
  calibration.learn(target().key(), 4000, 2000);
  CHECK(calibration.characters_per_token(target().key()) == doctest::Approx(4));
  CHECK(calibration.characters_for(target()) == 4000);
}

TEST_CASE("calibration: begins anew where the workload asks for something else") {
  std::array<Target, 4> others;
  others.fill(target());
  others[0].workload.input_tokens = 1001;
  others[1].workload.language = Language::german;
  others[2].workload.prefix_cache = PrefixCache::avoid;
  others[3].workload.system_prompt_file = PromptFile{"system.txt", std::string("Be brief.")};
  for (const Target& other : others) {
    Calibration calibration;
    teach(calibration, target());
    CHECK(calibration.characters_for(other) > 3900);
    CHECK(calibration.characters_for(target()) == 4000);
  }
}

TEST_CASE("calibration: another system prompt of the same length is another one") {
  Target first = target();
  first.workload.system_prompt_file = PromptFile{"system.txt", std::string("Be brief!")};
  Target second = first;
  second.workload.system_prompt_file->text = std::string("Be quick!");
  Calibration calibration;
  const std::size_t guess = calibration.characters_for(first);
  calibration.learn(first.key(), guess, 2000);
  CHECK(calibration.characters_for(first) < guess);
  CHECK(calibration.characters_for(second) == guess);
}

TEST_CASE("calibration: survives what a reload changes besides") {
  Calibration calibration;
  teach(calibration, target());
  Target changed = target();
  changed.interval = std::chrono::seconds(5);
  changed.workload.output_tokens = 64;
  changed.workload.seed = 3;
  changed.provider.base_url = "http://elsewhere";
  CHECK(calibration.characters_for(changed) == 2000);
}

TEST_CASE("calibration: forgets the targets that are gone") {
  Calibration calibration;
  teach(calibration, target("kept"));
  teach(calibration, target("gone"));
  const std::array keys{target("kept").key(), target("new").key(), target("kept").key()};
  calibration.keep(keys);
  CHECK(calibration.characters_for(target("kept")) == 2000);
  CHECK(calibration.characters_for(target("gone")) == 4000);
  calibration.keep({});
  CHECK(calibration.characters_for(target("kept")) == 4000);
}

TEST_CASE("calibration: aims at what the context window leaves where prompts are truncated") {
  Target truncated = target();
  truncated.model.context_window = 628;
  truncated.workload.context_fit = ContextFit::truncate_middle;
  Calibration calibration;
  CHECK(calibration.characters_for(truncated) == 2000);
}

TEST_CASE("calibration: brings real prompts of both languages to the wanted tokens") {
  for (const Language language : {Language::english, Language::german}) {
    for (const PrefixCache cache : {PrefixCache::avoid, PrefixCache::reuse}) {
      for (const std::uint32_t wanted : {100U, 700U, 1000U}) {
        Target probed = target();  // of 1000 tokens, where the window leaves as many
        probed.workload.language = language;
        probed.workload.prefix_cache = cache;
        probed.workload.context_fit = ContextFit::truncate_middle;
        probed.model.context_window = 128 + wanted;
        Calibration calibration;
        double tokens = 0;
        for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
          const auto prompt = build(probed, calibration.characters_for(probed), nonce);
          REQUIRE(prompt);
          tokens = std::ceil(static_cast<double>(prompt->user.size()) / 3.3) + 50;
          calibration.learn(probed.key(), prompt->user.size(), static_cast<std::uint64_t>(tokens));
        }
        CAPTURE(wanted);
        CHECK(std::abs(tokens - wanted) <= 0.02 * wanted);
      }
    }
  }
}

TEST_CASE("calibration: may be used from several threads") {
  Calibration calibration;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&calibration, i] {
      const Target own = target(std::to_string(i % 2));
      const std::array keys{target("0").key(), target("1").key()};
      for (int round = 0; round < 500; ++round) {
        const std::size_t characters = calibration.characters_for(own);
        calibration.learn(own.key(), characters, characters / 3);
        calibration.keep(keys);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(calibration.characters_for(target("0")) <= 3030);
  CHECK(calibration.characters_for(target("0")) >= 2970);
}

TEST_CASE("calibration: a refusal makes the next prompt shorter and its count is learnt like any") {
  Calibration calibration;
  REQUIRE(calibration.characters_for(target("told")) == 4000);
  calibration.learn_refusal(target("told").key(), 4000, 2000);
  CHECK(calibration.characters_for(target("told")) == 2000);
  REQUIRE(calibration.characters_for(target("untold")) == 4000);
  calibration.learn_refusal(target("untold").key(), 4000, std::nullopt);
  CHECK(calibration.characters_for(target("untold")) == 3200);
  calibration.learn_refusal(target("unknown").key(), 4000, 2000);
  CHECK(calibration.characters_for(target("unknown")) == 4000);
}

TEST_CASE("calibration: a prompt file that is not to be cut learns nothing from a refusal") {
  // Else it would be refused here, as our own error, and no longer by the provider.
  Calibration calibration;
  Target file = target();
  file.model.context_window = 1000;
  file.workload.prompt_file = PromptFile{"f", std::string(3000, 'x')};
  REQUIRE(calibration.characters_for(file) == 0);
  calibration.learn_refusal(file.key(), 3000, 1500);
  CHECK(calibration.characters_per_token(file.key()) == doctest::Approx(4));
  file.workload.context_fit = ContextFit::truncate_end;
  REQUIRE(calibration.characters_for(file) == 0);
  calibration.learn_refusal(file.key(), 3000, 1500);
  CHECK(calibration.characters_per_token(file.key()) == doctest::Approx(2));
}
