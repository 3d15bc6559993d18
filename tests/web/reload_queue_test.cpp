#include "web/reload_queue.hpp"

#include "fakes/eventually.hpp"
#include "fakes/fake_clock.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
namespace base = inferometer::base;
namespace fakes = inferometer::fakes;
using inferometer::web::ReloadQueue;

namespace {

constexpr auto k_reload_patience = 20s;

/// A reload that waits for `release` and gives the number of its run as an error.
struct Reloads {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> begun{0};

  base::Result<void> run() {
    const int number = ++begun;
    released.wait();
    return base::fail(std::to_string(number));
  }
};

}  // namespace

TEST_CASE("a reload gives its result to its caller") {
  fakes::FakeClock clock;
  base::Result<void> result;
  ReloadQueue queue([&] { return result; }, clock);
  CHECK(queue.run().reloaded.has_value());
  result = base::fail("a.yml:3:1: unknown key x");
  const auto failed = queue.run();
  REQUIRE(!failed.reloaded);
  CHECK(failed.reloaded.error().message == "a.yml:3:1: unknown key x");
  CHECK(!failed.retry_after);
}

TEST_CASE("who comes while a reload runs shares the next one with all that wait") {
  fakes::FakeClock clock;
  Reloads reloads;
  ReloadQueue queue([&] { return reloads.run(); }, clock);
  const auto ask = [&] { return queue.run().reloaded.error().message; };
  auto first = std::async(std::launch::async, ask);
  REQUIRE(fakes::eventually([&] { return reloads.begun == 1; }, k_reload_patience));
  std::vector<std::future<std::string>> others;
  for (std::size_t i = 1; i < ReloadQueue::k_max_callers; ++i) {
    others.push_back(std::async(std::launch::async, ask));
  }
  // All of them wait once one more is refused.
  REQUIRE(fakes::eventually([&] { return queue.callers() == ReloadQueue::k_max_callers; },
                            k_reload_patience));
  const auto refused = queue.run();
  CHECK(refused.retry_after == 1s);
  CHECK(!refused.reloaded);
  CHECK(reloads.begun == 1);
  reloads.release.set_value();
  CHECK(first.get() == "1");
  for (auto& other : others) {
    CHECK(other.get() == "2");
  }
  CHECK(reloads.begun == 2);
}

TEST_CASE("no more reloads begin within a window than may") {
  fakes::FakeClock clock;
  int reloads = 0;
  ReloadQueue queue(
      [&] {
        ++reloads;
        return base::Result<void>();
      },
      clock);
  for (std::size_t i = 0; i < ReloadQueue::k_max_reloads; ++i) {
    CHECK(queue.run().reloaded);
    clock.advance(100ms);
  }
  const auto refused = queue.run();
  CHECK(!refused.reloaded);
  CHECK(refused.retry_after == 9s);
  CHECK(reloads == 10);
  clock.advance(9s);
  CHECK(queue.run().reloaded);
  CHECK(!queue.run().reloaded);
  clock.advance(100ms);
  CHECK(queue.run().reloaded);
}

TEST_CASE("a reload that throws is an error and the next one runs") {
  fakes::FakeClock clock;
  bool broken = true;
  ReloadQueue queue(
      [&]() -> base::Result<void> {
        if (broken) {
          throw std::runtime_error("secret detail");
        }
        return {};
      },
      clock);
  const auto failed = queue.run();
  REQUIRE(!failed.reloaded);
  CHECK(failed.reloaded.error().message == "internal error: the daemon's log says more");
  broken = false;
  CHECK(queue.run().reloaded);
}
