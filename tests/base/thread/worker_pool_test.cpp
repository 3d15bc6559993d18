#include "base/thread/worker_pool.hpp"

#include "fakes/captured_log.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using inferometer::base::WorkerPool;

TEST_CASE("a blocked job does not keep the next one waiting") {
  std::promise<void> release;
  std::promise<void> done;
  WorkerPool pool("test", 2);
  pool.run([&] { release.get_future().wait(); });
  pool.run([&] { done.set_value(); });
  done.get_future().wait();
  release.set_value();
}

TEST_CASE("a job's thread gives way to the others of the process") {
  const auto niceness = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
  const int own = niceness();
  std::promise<int> niceness_of_job;
  WorkerPool pool("test", 1);
  pool.run([&] { niceness_of_job.set_value(niceness()); });
  CHECK(niceness_of_job.get_future().get() == std::min(own + 5, 19));
  CHECK(niceness() == own);
}

TEST_CASE("jobs beyond the bound wait for a thread and then run in order") {
  std::promise<void> release;
  std::vector<int> order;
  std::promise<void> done;
  WorkerPool pool("test", 1);
  pool.run([&] { release.get_future().wait(); });
  for (int i = 0; i < 100; ++i) {
    pool.run([&order, i] { order.push_back(i); });
  }
  pool.run([&] { done.set_value(); });
  release.set_value();
  done.get_future().wait();
  CHECK(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("no more jobs run at once than the bound allows") {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<int> left{60};
  std::promise<void> done;
  WorkerPool pool("test", 3);
  for (int i = 0; i < 60; ++i) {
    pool.run([&] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --running;
      if (--left == 0) {
        done.set_value();
      }
    });
  }
  done.get_future().wait();
  CHECK(most >= 1);
  CHECK(most <= 3);
}

TEST_CASE("stop waits for the running job and drops what comes later") {
  std::promise<void> begun;
  std::promise<void> release;
  std::atomic<bool> finished{false};
  WorkerPool pool("test", 1);
  pool.run([&] {
    begun.set_value();
    release.get_future().wait();
    finished = true;
  });
  begun.get_future().wait();
  std::thread releaser([&] { release.set_value(); });
  pool.stop();
  CHECK(finished);
  releaser.join();

  std::atomic<bool> ran{false};
  pool.run([&] { ran = true; });
  pool.stop();
  CHECK(!ran);
}

TEST_CASE("stop drops the jobs that have not begun") {
  std::atomic<int> ran{0};
  std::promise<void> begun;
  std::promise<void> release;
  const auto released = release.get_future().share();
  WorkerPool pool("test", 1);
  pool.run([&] {
    begun.set_value();
    released.wait();
  });
  begun.get_future().wait();
  auto token = std::make_shared<int>();
  const std::weak_ptr<int> queued = token;
  pool.run([&ran, token = std::move(token)] { ++ran; });
  // The first job is let go only when the second one is seen to be destroyed.
  std::thread stopper([&] { pool.stop(); });
  while (!queued.expired()) {
    std::this_thread::yield();
  }
  release.set_value();
  stopper.join();
  CHECK(ran == 0);
}

TEST_CASE("a job that throws is logged and the next one runs") {
  const std::string log = inferometer::fakes::stderr_of(
      inferometer::base::log::Level::error, inferometer::base::log::Format::logfmt, [] {
        std::promise<void> done;
        WorkerPool pool("test", 1);
        pool.run([] { throw std::runtime_error("broken"); });
        pool.run([&done] { done.set_value(); });
        done.get_future().wait();
      });
  CHECK(log.find("broken") != std::string::npos);
}

TEST_CASE("what a dropped job holds may run another one") {
  struct Posting {
    explicit Posting(WorkerPool& to) : pool(to) {}
    ~Posting() {
      pool.run([] {});
    }
    WorkerPool& pool;
  };
  std::promise<void> leave;
  std::promise<void> entered;
  WorkerPool pool("test", 1);
  pool.run([&] {
    entered.set_value();
    leave.get_future().wait();
  });
  entered.get_future().wait();
  pool.run([posting = std::make_shared<Posting>(pool)] {});
  auto stopped = std::async(std::launch::async, [&pool] { pool.stop(); });
  leave.set_value();
  stopped.wait();
}
