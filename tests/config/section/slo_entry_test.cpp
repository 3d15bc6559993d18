#include "config/sample.hpp"
#include "config/section/slo.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

std::string slos_of(std::size_t count) {
  std::string text = "slos:\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += "  - {name: " + std::to_string(i) + ", objective: 95, sli: {availability: true}}\n";
  }
  return text;
}

std::vector<Slo> load_slos(const std::string& slos) {
  return sample::load_good(sample::text_with({.file = "slos: " + slos})).slos;
}

}  // namespace

TEST_CASE("every key of an SLO is read, in the order of the file") {
  const Config config = sample::load_good(sample::full_text());
  const std::vector<Slo> expected{
      {.name = "up $ 1", .objective = 99.95, .sli = {}, .match = {}, .window = 24h * 7},
      {.name = "first",
       .objective = 95,
       .sli = {.ttft_below = 800ms,
               .first_reasoning_below = 30s,
               .inter_token_latency_below = 1s,
               .duration_below = 1min,
               .output_tokens_per_second_above = 12.5},
       .match = {.provider = "p $ \"1\"", .model = "~", .workload = "short"}},
      {.name = "true",
       .objective = 0.001,
       .sli = {.time_per_output_token_below = 1ms},
       .match = {.provider = {}, .model = "m", .workload = {}}},
      {.name = "~",
       .objective = 50,
       .sli = {.duration_below = 1h},
       .match = {.provider = {}, .model = {}, .workload = "long"},
       .window = 24h * 90}};
  CHECK(config.slos == expected);
}

TEST_CASE("a match that is empty is the same as none") {
  CHECK(load_slos("[{name: a, objective: 95, sli: {ttft_below: 1s}, match: {}}]") ==
        load_slos("[{name: a, objective: 95, sli: {ttft_below: 1s}}]"));
}

TEST_CASE("an SLO may have the name of something else") {
  CHECK(load_slos("[{name: p, objective: 95, sli: {ttft_below: 1s}},"
                  "{name: w, objective: 95, sli: {ttft_below: 1s}}]")
            .size() == 2);
}

TEST_CASE("a thousand SLOs fit and one more does not") {
  CHECK(sample::load_good(sample::text_with({.file = slos_of(1000)})).slos.size() == 1000);
  CHECK(sample::load_bad(sample::text_with({.file = slos_of(1001)})).find("more than 1000 SLOs") !=
        std::string::npos);
}

TEST_CASE("an SLO whose condition is refused is not told what it cannot do") {
  CHECK(sample::load_bad(sample::text_with({.workload = "stream: false",
                                            .file = "slos: [{name: a, objective: 95, sli: "
                                                    "{ttft_belo: 1s}}]"})) ==
        "config.yml:14:39: unknown key \"ttft_belo\" in sli: did you mean \"ttft_below\"?\n");
}

}  // namespace inferometer::config
