#include "config/context_fit.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::config {
namespace {

Workload generated(std::uint32_t input_tokens, std::uint32_t output_tokens) {
  Workload workload;
  workload.name = "w";
  workload.input_tokens = input_tokens;
  workload.output_tokens = output_tokens;
  return workload;
}

std::string misfit_of(std::uint32_t window, const Workload& workload) {
  const auto misfit = find_misfit({.name = "m", .context_window = window}, workload);
  return misfit ? misfit->message + ": " + misfit->hint : "";
}

constexpr ContextFit k_truncating[] = {ContextFit::truncate_start, ContextFit::truncate_middle,
                                       ContextFit::truncate_end};

Target target(std::uint32_t input_tokens, std::uint32_t window, ContextFit policy) {
  Target result;
  result.model.context_window = window;
  result.workload.input_tokens = input_tokens;
  result.workload.output_tokens = 128;
  result.workload.context_fit = policy;
  return result;
}

}  // namespace

TEST_CASE("a prompt that just fits the window is accepted and one token more is not") {
  CHECK(misfit_of(100, generated(80, 20)).empty());
  CHECK(misfit_of(99, generated(80, 20)) ==
        "the context_window (99) is exceeded by input_tokens (80) + output_tokens (20): shorten "
        "the prompt, lower the reserve for the output, or truncate the prompt by context_fit");
}

TEST_CASE("a model without a known window takes everything") {
  CHECK_FALSE(find_misfit({.name = "m"}, generated(1'000'000, 100'000)).has_value());
}

TEST_CASE("the reserve stands in the place of the output's bound") {
  Workload workload = generated(80, 100'000);
  workload.output_reserve = 20;
  CHECK(misfit_of(100, workload).empty());
  workload.output_reserve = 21;
  CHECK(misfit_of(100, workload).find("output_reserve (21)") != std::string::npos);
  workload.output_reserve = 0;
  CHECK(misfit_of(80, workload).empty());
}

TEST_CASE("the largest figures do not wrap around") {
  Workload workload = generated(4'294'967'295, 4'294'967'295);
  CHECK_FALSE(misfit_of(4'294'967'295, workload).empty());
}

TEST_CASE("a prompt file is estimated at four bytes a token and the message says so") {
  Workload workload = generated(0, 20);
  workload.prompt_file = PromptFile{"p", std::string(317, 'x')};
  CHECK(misfit_of(100, workload).empty());
  CHECK(misfit_of(99, workload)
            .find("prompt_file (about 80 tokens, estimated as bytes / 4) + "
                  "output_tokens (20)") != std::string::npos);
}

TEST_CASE("a system prompt takes room beside a prompt file") {
  Workload workload = generated(0, 10);
  workload.prompt_file = PromptFile{"p", std::string(320, 'x')};
  workload.system_prompt_file = PromptFile{"s", std::string(40, 'x')};
  CHECK(misfit_of(100, workload).empty());
  CHECK(misfit_of(99, workload).find("system_prompt_file (about 10 tokens") != std::string::npos);
  workload.context_fit = ContextFit::truncate_end;
  CHECK(misfit_of(21, workload).empty());
  CHECK(misfit_of(20, workload).find("system_prompt_file (about 10 tokens") != std::string::npos);
}

TEST_CASE("the tokens of a generated prompt include its system prompt") {
  Workload workload = generated(80, 20);
  workload.system_prompt_file = PromptFile{"s", std::string(40, 'x')};
  CHECK(misfit_of(100, workload).empty());
}

TEST_CASE("a prompt that may be cut must leave room for itself only") {
  for (const ContextFit fit :
       {ContextFit::truncate_start, ContextFit::truncate_middle, ContextFit::truncate_end}) {
    Workload workload = generated(1'000'000, 99);
    workload.context_fit = fit;
    CHECK(misfit_of(100, workload).empty());
    workload.output_tokens = 100;
    CHECK(misfit_of(100, workload) ==
          "the context_window (100) leaves no room for the prompt beside output_tokens (100): "
          "lower the reserve for the output");
  }
}

TEST_CASE("a misfit is reported where the probe is and names what does not fit") {
  std::string text = sample::text_with({.workload = "output_reserve: 200"});
  text.replace(text.find("[m, n]"), 6, "[{name: m, context_window: 263}, n]");
  CHECK(sample::load_bad(text) ==
        "config.yml:12:5: provider \"p\", model \"m\", workload \"w\": the context_window (263) is "
        "exceeded by input_tokens (64) + output_reserve (200): shorten the prompt, lower the "
        "reserve for the output, or truncate the prompt by context_fit\n");
  text.replace(text.find("263"), 3, "264");
  CHECK(sample::load_good(text).targets.size() == 2);
}

TEST_CASE("a generated prompt is to have what the window leaves only to truncate") {
  CHECK(wanted_tokens(target(1000, 4096, ContextFit::refuse)) == 1000);
  CHECK(wanted_tokens(target(5000, 4096, ContextFit::refuse)) == 5000);
  for (const ContextFit policy : k_truncating) {
    CHECK(wanted_tokens(target(1000, 4096, policy)) == 1000);
    CHECK(wanted_tokens(target(5000, 4096, policy)) == 4096 - 128);
    CHECK(wanted_tokens(target(5000, 128, policy)) == 5000);
  }
  Target unknown = target(5000, 1, ContextFit::truncate_end);
  unknown.model.context_window.reset();
  CHECK(wanted_tokens(unknown) == 5000);
}

TEST_CASE("the reserve is its own where it is given") {
  Target reserved = target(5000, 4096, ContextFit::truncate_end);
  reserved.workload.output_reserve = 1024;
  CHECK(wanted_tokens(reserved) == 4096 - 1024);
  reserved.workload.output_reserve = 0;
  CHECK(wanted_tokens(reserved) == 4096);
}

}  // namespace inferometer::config
