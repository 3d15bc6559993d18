#include "cli/shard_flags.hpp"

#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace inferometer::cli {

TEST_CASE("a daemon is alone unless flags say otherwise") {
  const auto shard = resolve_shard({}, "inferometer-2");
  REQUIRE(shard);
  CHECK(shard->index == 0);
  CHECK(shard->count == 1);
}

TEST_CASE("the ordinal of a StatefulSet's pod is its shard unless a flag names one") {
  CHECK(resolve_shard({.count = 12, .index = {}}, "inferometer-0")->index == 0);
  CHECK(resolve_shard({.count = 12, .index = {}}, "llm-probes-11")->index == 11);
  CHECK(resolve_shard({.count = 12, .index = {}}, "inferometer-3.inferometer.monitoring.svc")
            ->index == 3);
  CHECK(resolve_shard({.count = 12, .index = 5}, "inferometer-0")->index == 5);
}

TEST_CASE("a shard that cannot be told is refused, and so is one beyond the last") {
  for (const char* host : {"", "inferometer", "inferometer-", "inferometer-x", "inferometer-1x",
                           "inferometer--1-", "7", "inferometer-99999999999999999999"}) {
    CAPTURE(host);
    const auto shard = resolve_shard({.count = 3, .index = {}}, host);
    REQUIRE_FALSE(shard);
    CHECK(shard.error().message.find("--shard.index") != std::string::npos);
  }
  const auto beyond = resolve_shard({.count = 3, .index = {}}, "inferometer-3");
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().message.find("3 is no shard of 3") != std::string::npos);
  CHECK_FALSE(resolve_shard({.count = 1, .index = 1}, "inferometer"));
}

TEST_CASE("flags of shards that make no sense are bad usage") {
  for (const char* flag : {"--shard.count=0", "--shard.count=-1", "--shard.count=x",
                           "--shard.count=10001", "--shard.index=-1", "--shard.index="}) {
    CAPTURE(flag);
    const std::array<const char*, 2> arguments{"inferometer", flag};
    const auto parsed = parse_command_line(arguments.size(), arguments.data());
    REQUIRE(std::holds_alternative<int>(parsed));
    CHECK(std::get<int>(parsed) == 2);
  }
}

}  // namespace inferometer::cli
