#include "transport/stamp/lag_history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

using inferometer::base::Duration;
using inferometer::base::MonotonicTime;
using inferometer::transport::LagHistory;
using namespace std::chrono_literals;

namespace {

MonotonicTime after_start(Duration since_start) {
  return MonotonicTime(1000s) + since_start;
}

}  // namespace

TEST_CASE("lag history: there is no delay where none was recorded") {
  const LagHistory history;
  CHECK(history.worst_since(after_start(0s)) == 0ns);
  CHECK(history.worst_since(MonotonicTime::min()) == 0ns);
}

TEST_CASE("lag history: the worst delay since an instant includes that instant") {
  LagHistory history;
  history.record(after_start(1s), 5ms);
  history.record(after_start(2s), 3ms);
  history.record(after_start(3s), 1ms);
  CHECK(history.worst_since(after_start(0s)) == 5ms);
  CHECK(history.worst_since(after_start(1s)) == 5ms);
  CHECK(history.worst_since(after_start(1s) + 1ns) == 3ms);
  CHECK(history.worst_since(after_start(2s)) == 3ms);
  CHECK(history.worst_since(after_start(3s)) == 1ms);
  CHECK(history.worst_since(after_start(3s) + 1ns) == 0ns);
}

TEST_CASE("lag history: a later worse delay hides the earlier ones") {
  LagHistory history;
  history.record(after_start(1s), 1ms);
  history.record(after_start(2s), 7ms);
  history.record(after_start(3s), 7ms);
  CHECK(history.worst_since(after_start(0s)) == 7ms);
  CHECK(history.worst_since(after_start(2s) + 1ns) == 7ms);
  CHECK(history.worst_since(after_start(3s) + 1ns) == 0ns);
}

TEST_CASE("lag history: delays are rounded down to 100 microseconds") {
  LagHistory history;
  history.record(after_start(1s), 99us);
  history.record(after_start(1s), -5ms);
  history.record(after_start(1s), 0ns);
  CHECK(history.worst_since(after_start(0s)) == 0ns);
  history.record(after_start(2s), 1299us);
  CHECK(history.worst_since(after_start(0s)) == 1200us);
  history.record(after_start(3s), 100us);
  CHECK(history.worst_since(after_start(2s) + 1ns) == 100us);
}

TEST_CASE("lag history: several delays of one instant count by the worst") {
  LagHistory history;
  history.record(after_start(1s), 2ms);
  history.record(after_start(1s), 1ms);
  CHECK(history.worst_since(after_start(1s)) == 2ms);
}

TEST_CASE("lag history: what is forgotten does not come back and what is later stays") {
  LagHistory history;
  history.record(after_start(1s), 5ms);
  history.record(after_start(2s), 3ms);
  history.forget_before(after_start(1s));
  CHECK(history.worst_since(after_start(0s)) == 5ms);
  history.forget_before(after_start(1s) + 1ns);
  CHECK(history.worst_since(after_start(0s)) == 3ms);
  history.forget_before(MonotonicTime::max());
  CHECK(history.worst_since(after_start(0s)) == 0ns);
}

TEST_CASE("lag history: its answers are those of a search through all delays") {
  LagHistory history;
  std::vector<std::pair<MonotonicTime, Duration>> all;
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const Duration lag = 100us * (random() % 64);
    all.emplace_back(after_start(i * 1ms), lag);
    history.record(after_start(i * 1ms), lag);
    const MonotonicTime since = after_start((random() % 2000) * 1ms);
    Duration worst{};
    for (const auto& [when, delay] : all) {
      worst = when >= since ? std::max(worst, delay) : worst;
    }
    REQUIRE(history.worst_since(since) == worst);
  }
}
