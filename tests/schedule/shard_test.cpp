#include "schedule/shard.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace inferometer::schedule {
namespace {

/// Names as users give them: many differ in their last digit alone.
std::vector<std::string> make_identities(std::minstd_rand& random, std::size_t count) {
  std::vector<std::string> identities;
  for (std::size_t i = 0; i < count; ++i) {
    identities.push_back(fmt::format("provider-{}\nmodel-{}\nchat", random() % 40, i));
  }
  return identities;
}

}  // namespace

TEST_CASE("one shard has everything") {
  CHECK(shard_of("", 1) == 0);
  CHECK(shard_of("a", 1) == 0);
}

TEST_CASE("a shard is the same on every host") {
  // Computed by an implementation of the paper in Python, with FNV-1a of the identity as its key.
  CHECK(shard_of("openai\ngpt-4o\nchat-short", 3) == 2);
  CHECK(shard_of("openai\ngpt-4o\nchat-short", 1000) == 324);
  CHECK(shard_of("", 7) == 1);
}

TEST_CASE("each identity is on exactly one shard, and each shard has its part of them") {
  std::minstd_rand random(1);
  for (int round = 0; round < 40; ++round) {
    const std::uint32_t count = 1 + static_cast<std::uint32_t>(random() % 50);
    const std::size_t expected = 200;  // a shard
    std::vector<std::size_t> sizes(count);
    for (const std::string& identity : make_identities(random, expected * count)) {
      const std::uint32_t shard = shard_of(identity, count);
      REQUIRE(shard < count);
      ++sizes[shard];
    }
    CAPTURE(count);
    // Six standard deviations of a binomial distribution.
    CHECK(*std::ranges::min_element(sizes) > expected - 85);
    CHECK(*std::ranges::max_element(sizes) < expected + 85);
  }
}

TEST_CASE("one shard more takes its part from the others and moves nothing else") {
  std::minstd_rand random(2);
  for (int round = 0; round < 40; ++round) {
    const std::uint32_t count = 1 + static_cast<std::uint32_t>(random() % 50);
    const std::vector<std::string> identities = make_identities(random, 20'000);
    double moved = 0;
    for (const std::string& identity : identities) {
      const std::uint32_t before = shard_of(identity, count);
      const std::uint32_t after = shard_of(identity, count + 1);
      if (after != before) {
        REQUIRE(after == count);
        ++moved;
      }
    }
    CAPTURE(count);
    const double share = moved / static_cast<double>(identities.size());
    const double expected = 1.0 / (count + 1);
    CHECK(share > expected * 0.75);
    CHECK(share < expected * 1.25);
  }
}

}  // namespace inferometer::schedule
