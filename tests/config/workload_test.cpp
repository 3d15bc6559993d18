#include "config/workload.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {

TEST_CASE("every key of a workload is read") {
  const Config config = sample::load_good(sample::full_text());
  CHECK(config.workloads == std::vector<Workload>{{.name = "short",
                                                   .input_tokens = 512,
                                                   .output_tokens = 128,
                                                   .prefix_cache = PrefixCache::avoid,
                                                   .temperature = std::nullopt,
                                                   .stall_threshold = 1s},
                                                  {.name = "long",
                                                   .input_tokens = 1'000'000,
                                                   .output_tokens = 100'000,
                                                   .prefix_cache = PrefixCache::reuse,
                                                   .temperature = 0.7,
                                                   .stall_threshold = 250ms}});
}

TEST_CASE("a temperature of 0 is not the same as none") {
  CHECK(sample::load_good(sample::text_with({.workload = "temperature: 0"}))
            .workloads[0]
            .temperature == 0.0);
}

TEST_CASE("a workload with an error is still known to the probes") {
  CHECK(sample::load_bad(sample::text_with({.workload = "prefix_cache: no"}))
            .find("unknown workload") == std::string::npos);
}

}  // namespace inferometer::config
