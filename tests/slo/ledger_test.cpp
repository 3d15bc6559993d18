#include "slo/ledger.hpp"

#include "fakes/fake_clock.hpp"
#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace inferometer::slo {
namespace {

using config::Config;
using config::Slo;
using config::TargetKey;
using measure::Measurement;

const TargetKey k_target{"openai", "gpt-4o", "chat-short"};

config::Target target_of(const TargetKey& key) {
  config::Target target;
  target.provider.name = key.provider;
  target.model.name = key.model;
  target.workload.name = key.workload;
  return target;
}

Slo ttft_slo(const char* name, base::Duration threshold) {
  return {.name = name, .objective = 95, .sli = {.ttft_below = threshold}, .match = {}};
}

std::shared_ptr<const Config> config_of(std::vector<Slo> slos,
                                        const std::vector<TargetKey>& targets = {k_target}) {
  auto config = std::make_shared<Config>();
  for (const TargetKey& key : targets) {
    config->targets.push_back(target_of(key));
  }
  config->slos = std::move(slos);
  return config;
}

std::uint64_t all_of(const Events& events) {
  return events.good + events.bad + events.not_judged;
}

}  // namespace

TEST_CASE("an attempt is one event of each SLO that matches its target") {
  Ledger ledger;
  Slo other = ttft_slo("other", 1s);
  other.match.provider = "anthropic";
  ledger.apply(config_of({ttft_slo("strict", 100ms), other, ttft_slo("lax", 1s)}));
  const auto slos = ledger.find(k_target);
  REQUIRE(slos);
  slos->record(measure::make_success());
  REQUIRE(slos->slos.size() == 2);
  CHECK(slos->slos[0].slo->name == "strict");
  CHECK(slos->slos[0].events->bad == 1);
  CHECK(slos->slos[1].slo->name == "lax");
  CHECK(slos->slos[1].events->good == 1);
}

TEST_CASE("a target that no SLO matches has none and one that is not configured is not known") {
  Ledger ledger;
  ledger.apply(config_of({}));
  REQUIRE(ledger.find(k_target));
  CHECK(ledger.find(k_target)->slos.empty());
  ledger.find(k_target)->record(measure::make_success());
  CHECK(ledger.find({"openai", "gpt-4o", "batch"}) == nullptr);
}

TEST_CASE("counts begin when an SLO or its target is new and go on otherwise") {
  fakes::FakeClock clock;
  Ledger ledger(clock);
  ledger.apply(config_of({ttft_slo("a", 1s)}));
  const auto first = ledger.find(k_target)->slos[0].events;
  clock.advance(1h);
  ledger.apply(config_of({ttft_slo("b", 1s), ttft_slo("a", 2s)}));
  const auto slos = ledger.find(k_target);
  CHECK(slos->slos[1].events == first);
  CHECK(slos->slos[1].slo->sli.ttft_below == 2s);
  CHECK(slos->slos[0].events->created == first->created + 3600);
  ledger.apply(config_of({ttft_slo("a", 2s)}, {}));
  ledger.apply(config_of({ttft_slo("a", 2s)}));
  CHECK(ledger.find(k_target)->slos[0].events != first);
}

TEST_CASE("an attempt that was open across a reload counts by the SLO that it began with") {
  Ledger ledger;
  ledger.apply(config_of({ttft_slo("a", 1s)}));
  const auto before = ledger.find(k_target);
  ledger.apply(config_of({ttft_slo("a", 100ms)}));
  before->record(measure::make_success());
  const Events& events = *ledger.find(k_target)->slos[0].events;
  CHECK(events.good == 1);
  CHECK(events.bad == 0);
}

TEST_CASE("of attempts by several threads, across reloads, none is lost or counted twice") {
  Ledger ledger;
  ledger.apply(config_of({ttft_slo("a", 100ms)}));
  constexpr int k_threads = 4;
  constexpr int k_attempts = 2500;
  std::vector<std::thread> threads;
  for (int i = 0; i < k_threads; ++i) {
    threads.emplace_back([&ledger, i] {
      for (int k = 0; k < k_attempts; ++k) {
        Measurement attempt = measure::make_success({50ms + 1ms * ((i + k) % 200), 1s});
        attempt.suspect = k % 10 == 0;
        ledger.find(k_target)->record(attempt);
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    ledger.apply(config_of({ttft_slo("a", i % 2 == 0 ? 150ms : 100ms)}));
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const Events& events = *ledger.find(k_target)->slos[0].events;
  CHECK(all_of(events) == k_threads * k_attempts);
  CHECK(events.not_judged == k_threads * k_attempts / 10);
  CHECK(events.good > 0);
  CHECK(events.bad > 0);
}

}  // namespace inferometer::slo
