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
      {.name = "up $ 1", .objective = 99.95, .sli = {.kind = SliKind::availability}, .match = {}},
      {.name = "first",
       .objective = 95,
       .sli = {.kind = SliKind::ttft_below, .threshold = 800ms},
       .match = {.provider = "p $ \"1\"", .model = "~", .workload = "short"}},
      {.name = "true",
       .objective = 0.001,
       .sli = {.kind = SliKind::time_per_output_token_below, .threshold = 1ns},
       .match = {.provider = {}, .model = "m", .workload = {}}},
      {.name = "~",
       .objective = 50,
       .sli = {.kind = SliKind::duration_below, .threshold = 1h},
       .match = {.provider = {}, .model = {}, .workload = "long"}}};
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

TEST_CASE("an SLO whose kind is refused is not told what its kind cannot do") {
  CHECK(sample::load_bad(sample::text_with({.workload = "stream: false",
                                            .file = "slos: [{name: a, objective: 95, sli: "
                                                    "{ttft_belo: 1s}}]"})) ==
        "config.yml:14:39: unknown key \"ttft_belo\" in sli: did you mean \"ttft_below\"?\n");
}

}  // namespace inferometer::config
