#include "config/expand.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

const std::vector<Provider>& providers() {
  static const std::vector<Provider> k_all{
      {.name = "b", .protocol = "x", .models = {{"m2"}, {"m1"}}},
      {.name = "a", .protocol = "x", .headers = {{"X-A", "1"}}, .models = {{"m1"}, {"m3"}}}};
  return k_all;
}

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> k_all{{.name = "w2"}, {.name = "w1"}};
  return k_all;
}

std::vector<Reference> references(const std::vector<std::string>& names) {
  std::vector<Reference> made;
  made.reserve(names.size());
  for (const std::string& name : names) {
    made.push_back({name, {7, 1}});
  }
  return made;
}

std::vector<TargetKey> keys_of(const std::vector<Target>& targets) {
  std::vector<TargetKey> keys;
  keys.reserve(targets.size());
  for (const Target& target : targets) {
    keys.push_back(target.key());
  }
  return keys;
}

std::string problems_of(const std::vector<ProbeEntry>& entries) {
  Problems problems;
  (void)expand(entries, providers(), workloads(), problems);
  return render("f", problems.sorted());
}

ProbeEntry entry_of(const std::vector<std::string>& provider_names,
                    std::optional<std::vector<Reference>> models,
                    const std::vector<std::string>& workload_names) {
  return {.mark = {3, 5},
          .providers = references(provider_names),
          .models = std::move(models),
          .workloads = references(workload_names),
          .settings = {}};
}

}  // namespace

TEST_CASE("an entry stands for all models of all its providers under all its workloads") {
  Problems problems;
  const auto targets =
      expand({entry_of({"b", "a"}, std::nullopt, {"w2", "w1"})}, providers(), workloads(), problems)
          .targets;
  CHECK(problems.empty());
  CHECK(keys_of(targets) == std::vector<TargetKey>{{"a", "m1", "w1"},
                                                   {"a", "m1", "w2"},
                                                   {"a", "m3", "w1"},
                                                   {"a", "m3", "w2"},
                                                   {"b", "m1", "w1"},
                                                   {"b", "m1", "w2"},
                                                   {"b", "m2", "w1"},
                                                   {"b", "m2", "w2"}});
}

TEST_CASE("a subset of models selects what each provider has of it") {
  Problems problems;
  const auto targets = expand({entry_of({"a", "b"}, references({"m3", "m2"}), {"w1"})}, providers(),
                              workloads(), problems)
                           .targets;
  CHECK(problems.empty());
  CHECK(keys_of(targets) == std::vector<TargetKey>{{"a", "m3", "w1"}, {"b", "m2", "w1"}});
}

TEST_CASE("a target carries all that its probe needs") {
  ProbeEntry entry = entry_of({"a"}, references({"m3"}), {"w1"});
  const Timeouts timeouts{.connect = 1s, .first_token = 2s, .stall = 3s, .total = 4s};
  entry.settings = {.interval = 7s,
                    .timeouts = {.connect = 1s, .first_token = 2s, .stall = 3s, .total = 4s},
                    .max_in_flight = 5,
                    .connection = ConnectionPolicy::reuse,
                    .max_idle = 5min};
  Problems problems;
  const auto targets = expand({entry}, providers(), workloads(), problems).targets;
  REQUIRE(targets.size() == 1);
  Provider without_models = providers()[1];
  without_models.models.clear();
  CHECK(targets[0] == Target{.provider = without_models,
                             .model = {"m3"},
                             .workload = workloads()[1],
                             .interval = 7s,
                             .timeouts = timeouts,
                             .max_in_flight = 5,
                             .connection = ConnectionPolicy::reuse,
                             .max_idle = 5min});
}

TEST_CASE("a new model leaves the other targets of its provider equal") {
  std::vector<Provider> more = providers();
  more[1].models.push_back({"m4"});
  Problems problems;
  const std::vector<ProbeEntry> entries{entry_of({"a"}, std::nullopt, {"w1"})};
  const auto before = expand(entries, providers(), workloads(), problems).targets;
  const auto after = expand(entries, more, workloads(), problems).targets;
  REQUIRE(before.size() == 2);
  REQUIRE(after.size() == 3);
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
}

TEST_CASE("references to what does not exist are reported") {
  CHECK(problems_of({entry_of({"c"}, std::nullopt, {"w3"})}) ==
        "f:7:1: unknown provider \"c\": known providers: a, b\n"
        "f:7:1: unknown workload \"w3\": did you mean \"w1\"?\n");
}

TEST_CASE("a model that none of the providers has is reported once and blames no provider") {
  CHECK(problems_of({entry_of({"a", "b"}, references({"m9"}), {"w1"})}) ==
        "f:7:1: unknown model \"m9\": did you mean \"m1\"?\n");
}

TEST_CASE("an unknown model is compared with the models of all providers") {
  CHECK(problems_of({entry_of({"b", "a"}, references({"m3", "model"}), {"w1"})}) ==
        "f:7:1: unknown model \"model\": known models: m1, m2, m3\n"
        "f:7:1: provider \"b\" has none of the models of this probe: take it out, or name one of "
        "its models\n");
}

TEST_CASE("models are not judged while one of the providers is unknown") {
  CHECK(problems_of({entry_of({"a", "opnai"}, references({"m1", "gpt"}), {"w1"})}) ==
        "f:7:1: unknown provider \"opnai\": known providers: a, b\n");
}

TEST_CASE("a provider that has none of the models is reported") {
  CHECK(problems_of({entry_of({"a", "b"}, references({"m3"}), {"w1"})}) ==
        "f:7:1: provider \"b\" has none of the models of this probe: take it out, or name one of "
        "its models\n");
}

TEST_CASE("lists that were refused elsewhere cause no further problems") {
  Problems problems;
  CHECK(expand({entry_of({"a"}, std::nullopt, {"w1"})}, {}, {}, problems).targets.empty());
  std::vector<Provider> without_models = providers();
  without_models[1].models.clear();
  CHECK(expand({entry_of({"a"}, references({"m1"}), {"w1"})}, without_models, workloads(), problems)
            .targets.empty());
  CHECK(expand({entry_of({"a"}, std::vector<Reference>(), {"w1"})}, providers(), workloads(),
               problems)
            .targets.empty());
  CHECK(problems.empty());
}

TEST_CASE("the targets are complete unless a name of an entry was refused or leads nowhere") {
  const auto is_complete = [](const std::vector<ProbeEntry>& entries) {
    Problems problems;
    return expand(entries, providers(), workloads(), problems).is_complete;
  };
  const ProbeEntry good = entry_of({"a"}, references({"m1"}), {"w1"});
  CHECK(is_complete({good}));
  CHECK(is_complete({good, good}));  // an error, but one that loses nothing
  CHECK_FALSE(is_complete({}));
  CHECK_FALSE(is_complete({entry_of({}, std::nullopt, {"w1"}), good}));
  CHECK_FALSE(is_complete({entry_of({"a"}, std::nullopt, {}), good}));
  CHECK_FALSE(is_complete({entry_of({"a", "x"}, std::nullopt, {"w1"}), good}));
  CHECK_FALSE(is_complete({entry_of({"a"}, std::nullopt, {"w1", "x"}), good}));
  CHECK_FALSE(is_complete({entry_of({"a"}, references({"m1", "x"}), {"w1"})}));
  CHECK_FALSE(is_complete({entry_of({"a", "b"}, references({"m3"}), {"w1"})}));
  CHECK_FALSE(is_complete({entry_of({"a"}, std::vector<Reference>(), {"w1"})}));
  ProbeEntry refused_in_part = good;
  refused_in_part.is_complete = false;
  CHECK_FALSE(is_complete({refused_in_part, entry_of({"b"}, std::nullopt, {"w1"})}));
}

TEST_CASE("the targets are not complete beyond the limit") {
  std::vector<std::string> names;
  std::vector<Workload> many;
  for (int i = 0; i < 5'001; ++i) {
    names.push_back("w" + std::to_string(i));
    many.push_back({.name = names.back()});
  }
  Problems problems;
  CHECK_FALSE(
      expand({entry_of({"a"}, std::nullopt, names)}, providers(), many, problems).is_complete);
}

TEST_CASE("a target that comes twice is reported with the place of the first") {
  ProbeEntry second = entry_of({"a"}, std::nullopt, {"w1"});
  second.mark = {9, 5};
  CHECK(problems_of({entry_of({"a"}, references({"m3"}), {"w1"}), second}) ==
        "f:9:5: provider \"a\", model \"m3\", workload \"w1\" is already probed by the entry in "
        "line 3: leave each to one entry\n");
}

TEST_CASE("the copies of a provider for its targets are bounded together") {
  std::vector<Provider> large{{.name = "p", .headers = {{"X", std::string(1024 * 1024 - 1, 'x')}}}};
  std::vector<Workload> many;
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) {
    names.push_back("w" + std::to_string(i));
    many.push_back({.name = names.back()});
  }
  large[0].models = {{"m"}};
  Problems problems;
  CHECK(expand({entry_of({"p"}, std::nullopt, names)}, large, many, problems).targets.empty());
  CHECK(render("f", problems.sorted()) ==
        "f:3:5: the settings of the probes' providers and workloads, one copy for each "
        "combination, hold more than 67108864 bytes: split the file over several daemons\n");
  names.pop_back();
  Problems none;
  CHECK(expand({entry_of({"p"}, std::nullopt, names)}, large, many, none).targets.size() == 64);
  CHECK(none.empty());
}

TEST_CASE("the copies of a workload for its targets are bounded together") {
  std::vector<Provider> many_models{{.name = "p"}};
  for (int i = 0; i < 65; ++i) {
    many_models[0].models.push_back({"m" + std::to_string(i)});
  }
  std::vector<Workload> large{{.name = "w"}};
  large[0].expect.regex = std::string(std::size_t{1024} * 1024, 'x');
  Problems problems;
  CHECK(
      expand({entry_of({"p"}, std::nullopt, {"w"})}, many_models, large, problems).targets.empty());
  CHECK(problems.sorted().size() == 1);
  many_models[0].models.pop_back();
  Problems none;
  CHECK(expand({entry_of({"p"}, std::nullopt, {"w"})}, many_models, large, none).targets.size() ==
        64);
  CHECK(none.empty());
}

TEST_CASE("ten thousand combinations fit and one more does not") {
  std::vector<Workload> many;
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) {
    names.push_back("w" + std::to_string(i));
    many.push_back({.name = names.back()});
  }
  const ProbeEntry full = entry_of({"a"}, references({"m1"}), names);
  Problems problems;
  CHECK(expand({full}, providers(), many, problems).targets.size() == 10'000);
  CHECK(problems.empty());
  const ProbeEntry one_more = entry_of({"a"}, references({"m3"}), {"w1"});
  CHECK(expand({full, one_more, one_more}, providers(), many, problems).targets.size() == 10'000);
  CHECK(render("f", problems.sorted()) ==
        "f:3:5: the probes name more than 10000 combinations of provider, model and workload: "
        "split the file over several daemons\n");
}

}  // namespace inferometer::config
