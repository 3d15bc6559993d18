#include "schedule/scheduler.hpp"

#include "base/thread/mutex.hpp"
#include "fakes/captured_log.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using inferometer::base::CondVar;
using inferometer::base::LockGuard;
using inferometer::base::MonotonicTime;
using inferometer::base::Mutex;
using inferometer::base::system_clock;
using inferometer::schedule::Job;
using inferometer::schedule::RunToken;
using inferometer::schedule::Scheduler;
using inferometer::schedule::SkipReason;
using namespace std::chrono_literals;

namespace {

/// A number that other threads raise and a test waits for.
class Counter {
 public:
  void add() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    ++m_value;
    m_changed.notify_all();
  }
  [[nodiscard]] int value() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    return m_value;
  }
  [[nodiscard]] bool wait_for(int value) EXCLUDES(m_mutex) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    const LockGuard lock(m_mutex);
    while (m_value < value && std::chrono::steady_clock::now() < deadline) {
      m_changed.wait_until(m_mutex, deadline);
    }
    return m_value >= value;
  }

 private:
  Mutex m_mutex;
  CondVar m_changed;
  int m_value GUARDED_BY(m_mutex) = 0;
};

Job make_job(std::string identity, inferometer::base::Duration interval,
             std::function<void(MonotonicTime, std::shared_ptr<RunToken>)> start) {
  return {std::move(identity),
          interval,
          1,
          nullptr,
          std::move(start),
          [](SkipReason, std::uint64_t) {}};
}

Job counting_job(std::string identity, Counter& counter) {
  return make_job(std::move(identity), 1ms,
                  [&counter](MonotonicTime, const std::shared_ptr<RunToken>&) { counter.add(); });
}

}  // namespace

TEST_CASE("the scheduler starts a job at its ticks and never before them") {
  Counter starts;
  std::atomic<bool> early = false;
  Scheduler scheduler;
  scheduler.set_jobs({make_job("job", 2ms, [&](MonotonicTime scheduled, const auto&) {
    early = early || system_clock().now() < scheduled;
    starts.add();
  })});
  CHECK(starts.wait_for(20));
  CHECK_FALSE(early);
}

TEST_CASE("a new job does not wait for the tick of an old one") {
  Counter starts;
  Scheduler scheduler;
  scheduler.set_jobs({make_job("yearly", 24h * 365, [](MonotonicTime, const auto&) {})});
  // Lets the thread fall asleep until next year; were it still awake, this would prove less.
  std::this_thread::sleep_for(5ms);
  scheduler.set_jobs({counting_job("job", starts)});
  CHECK(starts.wait_for(1));
}

TEST_CASE("no replaced job is called once set_jobs has returned") {
  Scheduler scheduler;
  for (int round = 0; round < 100; ++round) {
    Counter starts;
    scheduler.set_jobs({counting_job("job", starts)});
    REQUIRE(starts.wait_for(1));
    scheduler.set_jobs({});
  }  // a later call would touch the counter that is gone: the sanitizers see it
}

TEST_CASE("set_jobs waits for a running callable and does not deadlock with it") {
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left = false;
  Scheduler scheduler;
  bool first = true;
  scheduler.set_jobs({make_job("job", 1ms, [&](MonotonicTime, const auto&) {
    if (std::exchange(first, false)) {
      entered.set_value();
      leave.get_future().wait();
      left = true;
    }
  })});
  entered.get_future().wait();
  auto replaced = std::async(std::launch::async, [&] {
    scheduler.set_jobs({});
    return left.load();
  });
  leave.set_value();
  CHECK(replaced.get());
}

TEST_CASE("stop ends a running scheduler from several threads at once") {
  Counter starts;
  Scheduler scheduler;
  scheduler.set_jobs({counting_job("job", starts)});
  REQUIRE(starts.wait_for(1));
  std::thread other([&] { scheduler.stop(); });
  scheduler.stop();
  const int at_stop = starts.value();
  other.join();
  scheduler.stop();
  scheduler.set_jobs({counting_job("job", starts)});
  CHECK(starts.value() == at_stop);
}

TEST_CASE("an idle scheduler and one with a distant tick stop at once") {
  const auto begin = std::chrono::steady_clock::now();
  {
    const Scheduler idle;
    Scheduler distant;
    distant.set_jobs({make_job("yearly", 24h * 365, [](MonotonicTime, const auto&) {})});
  }
  CHECK(std::chrono::steady_clock::now() - begin < 30s);
}

TEST_CASE("a run that ends on another thread makes room for the next") {
  Counter starts;
  std::vector<std::thread> threads;
  Scheduler scheduler;
  scheduler.set_jobs({make_job("job", 1ms, [&](MonotonicTime, std::shared_ptr<RunToken> token) {
    threads.emplace_back([token = std::move(token)] {});
    starts.add();
  })});
  CHECK(starts.wait_for(5));
  scheduler.stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_CASE("a token may outlive its scheduler") {
  Counter starts;
  std::shared_ptr<RunToken> kept;
  {
    Scheduler scheduler;
    scheduler.set_jobs({make_job("job", 1ms, [&](MonotonicTime, std::shared_ptr<RunToken> token) {
      kept = std::move(token);
      starts.add();
    })});
    CHECK(starts.wait_for(1));
  }
  CHECK(starts.value() == 1);
  REQUIRE(kept);
  kept.reset();
}

TEST_CASE("the scheduler makes a single call at its time and not after it has stopped") {
  Counter calls;
  Scheduler scheduler;
  scheduler.set_jobs({make_job("job", 24h, [](MonotonicTime, const auto&) {})});
  const MonotonicTime due = system_clock().now() + 5ms;
  std::atomic<bool> early = false;
  scheduler.run_at("job", due, [&] {
    early = system_clock().now() < due;
    calls.add();
  });
  CHECK(calls.wait_for(1));
  CHECK_FALSE(early);
  scheduler.run_at("job", system_clock().now() + 24h, [&] { calls.add(); });
  scheduler.stop();
  scheduler.run_at("job", system_clock().now(), [&] { calls.add(); });
  CHECK(calls.value() == 1);
}

TEST_CASE("a callable may ask for a single call and so may a single call") {
  Counter calls;
  Scheduler scheduler;
  std::atomic<bool> asked = false;
  scheduler.set_jobs({make_job("job", 1ms, [&](MonotonicTime now, const auto&) {
    if (!asked.exchange(true)) {
      scheduler.run_at("job", now, [&, now] {
        calls.add();
        scheduler.run_at("job", now, [&] { calls.add(); });
      });
    }
  })});
  CHECK(calls.wait_for(2));
}

TEST_CASE("a single call can be asked for while a job's callable runs") {
  std::promise<void> entered;
  std::promise<void> leave;
  Counter calls;
  Scheduler scheduler;
  bool first = true;
  scheduler.set_jobs({make_job("job", 1ms, [&](MonotonicTime, const auto&) {
    if (std::exchange(first, false)) {
      entered.set_value();
      leave.get_future().wait();
    }
  })});
  entered.get_future().wait();
  scheduler.run_at("job", system_clock().now(), [&] { calls.add(); });  // would wait for ever
  leave.set_value();
  CHECK(calls.wait_for(1));
}

TEST_CASE("a callable that throws ends neither its job nor another one") {
  inferometer::fakes::stderr_of(
      inferometer::base::log::Level::error, inferometer::base::log::Format::logfmt, [] {
        Counter starts;
        Counter others;
        Counter calls;
        Scheduler scheduler;
        scheduler.set_jobs({make_job("broken", 1ms,
                                     [&](MonotonicTime now, const auto&) {
                                       starts.add();
                                       scheduler.run_at("broken", now, [&] {
                                         calls.add();
                                         throw std::runtime_error("broken call");
                                       });
                                       throw std::runtime_error("broken job");
                                     }),
                            counting_job("other", others)});
        CHECK(starts.wait_for(3));
        CHECK(others.wait_for(3));
        CHECK(calls.wait_for(3));
      });
}
