#include "slo/rules.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace std::chrono_literals;

namespace inferometer::slo {
namespace {

config::Config config_of(double objective, base::Duration interval,
                         const std::string& name = "a \"b\"") {
  config::Config config;
  config::Target target;
  target.provider.name = "p";
  target.model.name = "m";
  target.workload.name = "w";
  target.interval = interval;
  config.targets.push_back(target);
  config.slos.push_back({.name = name, .objective = objective, .sli = {}, .match = {}});
  return config;
}

}  // namespace

TEST_CASE("an SLO has eight ratios, seven series that describe it and four alerts") {
  const auto groups = make_rules(config_of(99, 1min), "runbook");
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].rules.size() == 7);
  CHECK(groups[1].rules.size() == 1);
  CHECK(groups[2].rules.size() == 7);
  CHECK(groups[3].rules.size() == 4);
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      CHECK(rule.labels.at("slo") == "a \"b\"");
      CHECK(rule.expression.find("slo=\"a \\\"b\\\"\"") != std::string::npos);
    }
  }
}

TEST_CASE("no two groups have the same name") {
  config::Config config = config_of(99, 1min);
  config.slos.push_back(config.slos.front());
  config.slos.back().name = "b";
  std::set<std::string> names;
  for (const RuleGroup& group : make_rules(config, "runbook")) {
    names.insert(group.name);
  }
  CHECK(names.size() == 8);
}

TEST_CASE("targets keep the labels that their providers are given") {
  config::Config config = config_of(99, 1min);
  config.targets[0].provider.labels = {{"team", "search"}, {"region", "eu"}};
  const auto groups = make_rules(config, "runbook");
  CHECK(groups[0].rules[0].expression.find(
            "sum by (provider, model, workload, slo, region, team)") != std::string::npos);
}

TEST_CASE("nothing is to be noted of an SLO whose alerts its burn rates alone decide") {
  CHECK(alert_notes(config_of(95, 1min)).empty());
}

TEST_CASE("it is noted which alerts wait for failures and which never fire") {
  const auto notes = alert_notes(config_of(99.9, 45min, "a"));
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].text ==
        "SLO \"a\": a page alert takes 3 bad probes: with one every 45m, it fires 135m after an "
        "outage begins");
  const auto rare = alert_notes(config_of(99.9, 25h, "a"));
  REQUIRE(rare.size() == 2);
  CHECK(rare[1].never);
  CHECK(rare[1].text ==
        "SLO \"a\": a probe every 25h is too rare for its ticket alerts: they "
        "never fire");
}

TEST_CASE("a rule file says where it comes from") {
  CHECK(to_rule_file(make_rules(config_of(99, 1min), "r")).starts_with("# Written by"));
  CHECK(to_manifest(make_rules(config_of(99, 1min), "r")).find("kind: PrometheusRule") !=
        std::string::npos);
}

TEST_CASE("an alert asks for as many bad runs however often a run retries") {
  config::Config config = config_of(99, 1min);
  const auto page_of = [&] { return make_rules(config, "runbook")[3].rules[0].expression; };
  CHECK(page_of().find("> 2.9") != std::string::npos);
  config.targets[0].workload.retries.max_retries = 2;
  CHECK(page_of().find("> 8.9") != std::string::npos);
}

TEST_CASE("windows have no fractions, which Prometheus would refuse") {
  config::Config config = config_of(99, 1min);
  config.slos[0].window = 180h;
  CHECK(make_rules(config, "runbook")[1].rules[0].name == "slo:sli_error:ratio_rate180h");
}

TEST_CASE("windows that follow from an odd interval are whole seconds") {
  const auto groups = make_rules(config_of(99, 40min + 1ns), "runbook");
  CHECK(groups[3].rules[0].expression.find("[4801s]") != std::string::npos);
  CHECK(groups[3].rules[2].expression.find("[7201s]") != std::string::npos);
}

}  // namespace inferometer::slo
