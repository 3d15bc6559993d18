#include "daemon/probing/self_check.hpp"

#include "fakes/eventually.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace inferometer;
using namespace std::chrono_literals;
using daemon::SelfCheck;

TEST_CASE("self-check: ten events give ten errors, again and again") {
  const auto transport = transport::make_transport({});
  std::atomic<int> errors{0};
  SelfCheck check(*transport, [&](base::Duration error) { errors += error >= 0ns ? 1 : 0; },
                  {.first = 0s, .interval = 1ms});
  CHECK(fakes::eventually([&] { return errors >= 20; }));
}

TEST_CASE("self-check: after a drain no more begins") {
  const auto transport = transport::make_transport({});
  std::atomic<int> errors{0};
  SelfCheck check(*transport, [&](base::Duration /*error*/) { ++errors; },
                  {.first = 0s, .interval = 1h});
  CHECK(fakes::eventually([&] { return errors > 0; }));
  check.drain();
  check.stop();
  CHECK(errors <= 10);
  CHECK(transport->open() == 0);
}

TEST_CASE("self-check: it stops at once while it waits") {
  const auto transport = transport::make_transport({});
  const base::MonotonicTime begun = std::chrono::steady_clock::now();
  {
    const SelfCheck check(*transport, [](base::Duration /*error*/) {}, {});
  }
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("self-check: a transport that stops ends the one that runs") {
  const auto transport = transport::make_transport({});
  SelfCheck check(*transport, [](base::Duration /*error*/) {}, {.first = 0s, .interval = 1h});
  CHECK(fakes::eventually([&] { return transport->open() == 1; }, 20s, 0ms));
  transport->stop();
  check.stop();
  CHECK(transport->open() == 0);
}
