#include "probe/prompt/prompt.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using inferometer::config::PrefixCache;
using inferometer::config::Workload;
using inferometer::probe::prompt::make_prompt;

namespace {

Workload workload(std::uint32_t input_tokens, PrefixCache prefix_cache) {
  Workload result;
  result.name = "test";
  result.input_tokens = input_tokens;
  result.prefix_cache = prefix_cache;
  return result;
}

constexpr std::string_view k_task = "Continue the report above";

}  // namespace

TEST_CASE("a prompt has four characters for each token") {
  for (const PrefixCache cache : {PrefixCache::avoid, PrefixCache::reuse}) {
    for (const std::uint32_t tokens : {32U, 100U, 101U, 512U, 4096U, 100'000U}) {
      CAPTURE(tokens);
      CHECK(make_prompt(workload(tokens, cache), 7).size() == std::size_t{4} * tokens);
    }
  }
}

TEST_CASE("a prompt is one printable text that ends with the task") {
  const std::string prompt = make_prompt(workload(512, PrefixCache::avoid), 7);
  CHECK(std::all_of(prompt.begin(), prompt.end(),
                    [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  const std::size_t task = prompt.find(k_task);
  REQUIRE(task != std::string::npos);
  CHECK(prompt.find('\n', task) == std::string::npos);
  CHECK(prompt.ends_with("can."));
}

TEST_CASE("a prompt that avoids the prefix cache begins with its nonce") {
  const Workload avoid = workload(512, PrefixCache::avoid);
  const std::string prompt = make_prompt(avoid, 0xfedcba9876543210U);
  CHECK(prompt.starts_with("Report fedcba9876543210. "));
  CHECK(make_prompt(avoid, 1).starts_with("Report 0000000000000001. "));
  CHECK(make_prompt(avoid, 1) == make_prompt(avoid, 1));
  CHECK(make_prompt(avoid, 1).substr(25) == make_prompt(avoid, 2).substr(25));
}

TEST_CASE("a prompt that reuses the prefix cache is the same whatever the nonce") {
  const Workload reuse = workload(512, PrefixCache::reuse);
  CHECK(make_prompt(reuse, 1) == make_prompt(reuse, 2));
  CHECK(make_prompt(reuse, 1).find("0000000000000001") == std::string::npos);
}

TEST_CASE("a prompt of very few tokens keeps the nonce and the task whole") {
  for (const std::uint32_t tokens : {0U, 1U, 5U, 20U}) {
    CAPTURE(tokens);
    const std::string avoid = make_prompt(workload(tokens, PrefixCache::avoid), 9);
    CHECK(avoid.starts_with("Report 0000000000000009. "));
    CHECK(avoid.find(k_task) != std::string::npos);
    CHECK(avoid.ends_with("can."));
    const std::string reuse = make_prompt(workload(tokens, PrefixCache::reuse), 9);
    CHECK(reuse.find(k_task) != std::string::npos);
    CHECK(reuse.size() <= avoid.size());
  }
}
