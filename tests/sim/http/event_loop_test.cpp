#include "sim/http/event_loop.hpp"

#include <doctest/doctest.h>
#include <sys/eventfd.h>

#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using inferometer::base::Descriptor;
using inferometer::base::MonotonicTime;
using inferometer::base::system_clock;
using inferometer::sim::Event;
using inferometer::sim::EventLoop;

TEST_CASE("a moment is never served early and moments are served in their order") {
  EventLoop loop;
  const MonotonicTime start = system_clock().now();
  std::vector<int> order;
  std::vector<MonotonicTime> served;
  const auto note = [&](int name) {
    return [&, name] {
      order.push_back(name);
      served.push_back(system_clock().now());
    };
  };
  Event late(loop, [&] {
    note(2)();
    loop.stop();
  });
  Event early(loop, note(1));
  Event past(loop, note(0));
  late.set(start + 20ms + 300ns);
  early.set(start + 7ms + 999ns);
  past.set(start - 1s);
  loop.run();
  REQUIRE(order == std::vector{0, 1, 2});
  CHECK(served[1] >= start + 7ms + 999ns);
  CHECK(served[2] >= start + 20ms + 300ns);
}

TEST_CASE("a moment that is set again replaces the one before") {
  EventLoop loop;
  const MonotonicTime start = system_clock().now();
  int calls = 0;
  Event moment(loop, [&] {
    ++calls;
    loop.stop();
  });
  moment.set(start + 1h);
  moment.set(start + 1ms);
  loop.run();
  CHECK(calls == 1);
  CHECK(system_clock().now() < start + 1h);
}

TEST_CASE("stop ends a run from another thread and also one that begins later") {
  EventLoop loop;
  std::thread other([&] { loop.run(); });
  loop.stop();
  other.join();
  loop.run();
}

TEST_CASE("readiness is served until it is removed") {
  EventLoop loop;
  const Descriptor fd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
  int calls = 0;
  Event readable(loop, fd.get(), Event::Readiness::readable, [&] { ++calls; });
  Event end(loop, [&] { loop.stop(); });
  Event remover(loop, [&] {
    readable.remove();
    calls = 0;
    end.set(system_clock().now() + 5ms);
  });
  readable.add();
  readable.add();
  remover.set(system_clock().now() + 5ms);
  loop.run();
  CHECK(calls == 0);
}

TEST_CASE("an exception in a function leaves the loop at work") {
  EventLoop loop;
  Event thrower(loop, [] { throw std::runtime_error("on purpose: part of a test"); });
  Event end(loop, [&] { loop.stop(); });
  thrower.set(system_clock().now());
  end.set(system_clock().now() + 1ms);
  loop.run();
}
