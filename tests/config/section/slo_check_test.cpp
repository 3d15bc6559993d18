#include "config/sample.hpp"
#include "config/section/slo.hpp"
#include "fakes/contains.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

/// The messages about one SLO beside two models of one provider, of which one is probed.
std::string messages_of(const std::string& sli, const std::string& match,
                        const sample::Extra& extra = {}) {
  std::string file(extra.file);
  file += "\nslos: [{name: a, objective: 95, sli: {" + sli + "}, match: {" + match + "}}]";
  const std::string text = sample::text_with(
      {.provider = extra.provider, .workload = extra.workload, .probe = extra.probe, .file = file});
  const LoadResult config = load_text(text, "f", sample::options());
  return config ? "" : render("f", config.error());
}

constexpr sample::Extra k_only_m{.probe = "models: [m]"};

}  // namespace

TEST_CASE("an SLO may match whatever is probed") {
  CHECK(messages_of("ttft_below: 1s", "", k_only_m).empty());
  CHECK(messages_of("ttft_below: 1s", "provider: p", k_only_m).empty());
  CHECK(messages_of("ttft_below: 1s", "model: m", k_only_m).empty());
  CHECK(messages_of("ttft_below: 1s", "workload: w", k_only_m).empty());
}

TEST_CASE("an SLO about a model that is configured and not probed would never have data") {
  CHECK(
      fakes::contains(messages_of("availability: true", "model: n", k_only_m), "matches no probe"));
}

TEST_CASE("an SLO is judged by its probes also where they have errors of other kinds") {
  const std::string messages =
      messages_of("availability: true", "model: n", {.probe = "models: [m]\n    interval: 1ns"});
  CHECK(fakes::contains(messages, "interval"));
  CHECK(fakes::contains(messages, "matches no probe"));
}

TEST_CASE("an SLO is not blamed for targets that were refused") {
  CHECK_FALSE(
      fakes::contains(messages_of("availability: true", "model: n", {.probe = "models: [m, nn]"}),
                      "matches no probe"));
  CHECK_FALSE(
      fakes::contains(messages_of("availability: true", "model: n", {.probe = "models: [m, []]"}),
                      "matches no probe"));
  CHECK_FALSE(
      fakes::contains(messages_of("availability: true", "model: n", {.provider = "models: []"}),
                      "matches no probe"));
}

TEST_CASE("a model is looked for in the provider that the match names") {
  const std::string other =
      "    models: [m, n]\n  - {name: q, protocol: openai-chat, base_url: "
      "\"http://q\", models: [o]}";
  std::string text = sample::text_with(
      {.file = "slos: [{name: a, objective: 95, sli: {availability: true}, match: {model: oo}},"
               "{name: b, objective: 95, sli: {availability: true}, match: {provider: p, model: "
               "oo}}]"});
  text.replace(text.find("    models: [m, n]"), std::string_view("    models: [m, n]").size(),
               other);
  CHECK(sample::load_bad(text) ==
        "config.yml:14:75: unknown model \"oo\": did you mean \"o\"?\n"
        "config.yml:14:160: unknown model \"oo\": known models: m, n\n");
}

TEST_CASE("a model is not called unknown while the models of a provider were refused") {
  const std::string text =
      "providers:\n"
      "  - {name: p, protocol: openai-chat, base_url: \"http://p\", models: [m]}\n"
      "  - {name: q, protocol: openai-chat, base_url: \"http://q\", models: o}\n"
      "workloads: [{name: w, input_tokens: 1, output_tokens: 1}]\n"
      "probes: [{providers: [p], workloads: [w]}]\n"
      "slos:\n"
      "  - {name: a, objective: 95, sli: {availability: true}, match: {model: o}}\n"
      "  - {name: b, objective: 95, sli: {availability: true}, match: {provider: q, model: o}}\n";
  CHECK_FALSE(fakes::contains(sample::load_bad(text), "unknown"));
}

TEST_CASE("what only a stream shows needs a workload that streams") {
  const sample::Extra whole{.workload = "stream: false"};
  CHECK(fakes::contains(messages_of("ttft_below: 1s", "", whole),
                        "ttft_below is measured in streams"));
  CHECK(fakes::contains(messages_of("time_per_output_token_below: 1s", "", whole),
                        "time_per_output_token_below is measured in streams"));
  CHECK(messages_of("duration_below: 1s", "", whole).empty());
  CHECK(messages_of("availability: true", "", whole).empty());
}

TEST_CASE("one workload that streams is enough for an SLO about several") {
  const sample::Extra both{
      .workload = "stream: false\n  - {name: x, input_tokens: 1, output_tokens: 1}",
      .probe = "interval: 1m\n  - {providers: [p], workloads: [x]}"};
  CHECK(messages_of("ttft_below: 1s", "", both).empty());
  CHECK(fakes::contains(messages_of("ttft_below: 1s", "workload: w", both), "stream: false"));
}

TEST_CASE("SLOs and the targets that they match are bounded together") {
  std::string models = "m, n";
  for (int i = 0; i < 249; ++i) {
    models += ", m" + std::to_string(i);
  }
  const auto messages_with = [&](int slos) {
    std::string file = "slos:\n";
    for (int i = 0; i < slos; ++i) {
      file += "  - {name: " + std::to_string(i) + ", objective: 95, sli: {availability: true}}\n";
    }
    std::string text = sample::text_with({.file = file});
    text.replace(text.find("[m, n]"), 6, "[" + models + "]");
    const LoadResult config = load_text(text, "f", sample::options());
    return config ? "" : render("f", config.error());
  };
  CHECK(messages_with(398).empty());
  CHECK(fakes::contains(messages_with(399), "match more than 100000 targets in all"));
}

}  // namespace inferometer::config
