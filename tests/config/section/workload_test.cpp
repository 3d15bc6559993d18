#include "config/section/workload.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {

TEST_CASE("every key of a workload is read") {
  const Config config = sample::load_good(sample::full_text());
  REQUIRE(config.workloads.size() == 3);
  Workload expected;
  expected.name = "short";
  expected.input_tokens = 512;
  expected.output_tokens = 128;
  CHECK(config.workloads[0] == expected);

  expected.name = "long";
  expected.input_tokens = 1'000'000;
  expected.output_tokens = 100'000;
  expected.stream = false;
  expected.prefix_cache = PrefixCache::reuse;
  expected.language = Language::german;
  expected.seed = 4'294'967'295;
  expected.context_fit = ContextFit::truncate_middle;
  expected.output_reserve = 0;
  expected.temperature = 0.7;
  expected.expect = {.regex = "^\\d+ $", .json = true};
  expected.retries = {.max_retries = 3, .base_delay = 250ms, .max_delay = 10min};
  expected.stall_threshold = 250ms;
  CHECK(config.workloads[1] == expected);

  const Workload& own = config.workloads[2];
  REQUIRE(own.prompt_file.has_value());
  CHECK(own.prompt_file->text.str() ==
        sample::read_repository_file("tests/data/config/prompts/question.txt"));
  REQUIRE(own.system_prompt_file.has_value());
  CHECK(own.system_prompt_file->path.ends_with("/tests/data/config/prompts/system.txt"));
  CHECK(own.input_tokens == 0);
}

TEST_CASE("retries have delays of their own unless they are given") {
  CHECK(sample::load_good(sample::text_with({.workload = "retries: {max_retries: 1}"}))
            .workloads[0]
            .retries == Retries{.max_retries = 1, .base_delay = 1s, .max_delay = 60s});
  CHECK(sample::load_good(
            sample::text_with({.workload = "retries: {max_retries: 10, base_delay: 1m}"}))
            .workloads[0]
            .retries.base_delay == 1min);
}

TEST_CASE("delays of which one was refused are not compared") {
  CHECK(sample::load_bad(sample::text_with({.workload = "retries: {max_retries: 1, base_delay: 2m, "
                                                        "max_delay: 1ms}"}))
            .find("shorter") == std::string::npos);
}

TEST_CASE("nothing expected is the same as no expectation") {
  CHECK(sample::load_good(sample::text_with({.workload = "expect: {}"})) ==
        sample::load_good(sample::text_with({})));
  CHECK(sample::load_good(sample::text_with({.workload = "expect: {json: false}"})) ==
        sample::load_good(sample::text_with({})));
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
