#include "base/task_thread.hpp"

#include "fakes/captured_log.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using inferometer::base::TaskThread;

TEST_CASE("tasks run one after the other in the order in which they came") {
  std::vector<int> order;
  std::promise<void> done;
  TaskThread thread("test");
  for (int i = 0; i < 100; ++i) {
    thread.post([&order, i] { order.push_back(i); });
  }
  thread.post([&done] { done.set_value(); });
  done.get_future().wait();
  REQUIRE(order.size() == 100);
  CHECK(order.front() == 0);
  CHECK(order.back() == 99);
}

TEST_CASE("a task that throws is logged and the next one runs") {
  const std::string log = inferometer::fakes::stderr_of(
      inferometer::base::log::Level::error, inferometer::base::log::Format::logfmt, [] {
        std::promise<void> done;
        TaskThread thread("test");
        thread.post([] { throw std::runtime_error("broken"); });
        thread.post([&done] { done.set_value(); });
        done.get_future().wait();
      });
  CHECK(log.find("broken") != std::string::npos);
}

TEST_CASE("stop waits for the task that runs and destroys the others") {
  std::promise<void> entered;
  std::promise<void> leave;
  bool left = false;
  bool ran = false;
  const auto held = std::make_shared<int>(1);
  TaskThread thread("test");
  thread.post([&] {
    entered.set_value();
    leave.get_future().wait();
    left = true;
  });
  thread.post([&ran, held] { ran = true; });
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&thread] { thread.stop(); });
  while (held.use_count() > 1) {
    std::this_thread::yield();
  }
  leave.set_value();
  stopped.wait();
  CHECK(left);
  CHECK_FALSE(ran);
  thread.post([&ran] { ran = true; });
  thread.stop();
  CHECK_FALSE(ran);
}

TEST_CASE("what a dropped task holds may post another one") {
  struct Posting {
    explicit Posting(TaskThread& to) : thread(to) {}
    ~Posting() {
      thread.post([] {});
    }
    TaskThread& thread;
  };
  std::promise<void> leave;
  std::promise<void> entered;
  TaskThread thread("test");
  thread.post([&] {
    entered.set_value();
    leave.get_future().wait();
  });
  entered.get_future().wait();
  thread.post([posting = std::make_shared<Posting>(thread)] {});
  auto stopped = std::async(std::launch::async, [&thread] { thread.stop(); });
  leave.set_value();
  stopped.wait();
}
