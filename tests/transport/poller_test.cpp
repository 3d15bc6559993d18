#include "transport/poller.hpp"

#include "fakes/instants.hpp"
#include "fakes/no_descriptors.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>
#include <thread>

using inferometer::base::MonotonicTime;
using inferometer::fakes::NoDescriptors;
using inferometer::fakes::now;
using inferometer::transport::Poller;
using namespace std::chrono_literals;

namespace {

/// Two connected sockets; bytes written to `far` arrive at `near`.
class Pair {
 public:
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, m_ends.data()) == 0); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close(near());
    close_far();
  }
  [[nodiscard]] int near() const { return m_ends[0]; }
  void send() const { REQUIRE(write(m_ends[1], "x", 1) == 1); }
  void receive() const {
    char byte = 0;
    REQUIRE(read(near(), &byte, 1) == 1);
  }
  void close_far() {
    if (m_ends[1] >= 0) {
      close(m_ends[1]);
      m_ends[1] = -1;
    }
  }

 private:
  std::array<int, 2> m_ends{};
};

constexpr MonotonicTime k_at_once = MonotonicTime::min();

}  // namespace

TEST_CASE("poller: a wait without anything ready ends at its time and not before") {
  Poller poller;
  for (const auto wait : {0us, 100us, 5'000us, 30'000us}) {
    const MonotonicTime until = now() + wait;
    CHECK(poller.wait(until).empty());
    CHECK(now() >= until);
    CHECK(now() < until + 5s);
  }
}

TEST_CASE("poller: a time that has passed long ago does not block and one far ahead does not end") {
  Poller poller;
  CHECK(poller.wait(k_at_once).empty());
  CHECK(poller.wait(MonotonicTime(0s)).empty());
  std::thread waker([&poller] { poller.wake(); });
  CHECK(poller.wait(MonotonicTime::max()).empty());
  waker.join();
}

TEST_CASE("poller: a wait is as short as asked to well below a millisecond") {
  Poller poller;
  std::chrono::nanoseconds best = 1h;
  for (int i = 0; i < 200; ++i) {
    const MonotonicTime begin = now();
    (void)poller.wait(begin + 100us);
    best = std::min(best, now() - begin);
  }
  CHECK(best >= 100us);
  CHECK(best < 900us);  // epoll_wait alone would take a whole millisecond
}

TEST_CASE("poller: another thread wakes a wait that has no end") {
  Poller poller;
  for (int i = 0; i < 100; ++i) {
    std::thread waker([&poller] { poller.wake(); });
    CHECK(poller.wait(std::nullopt).empty());
    waker.join();
  }
}

TEST_CASE("poller: wakes before a wait end one wait and no more") {
  Poller poller;
  poller.wake();
  poller.wake();
  CHECK(poller.wait(std::nullopt).empty());
  const MonotonicTime until = now() + 2ms;
  CHECK(poller.wait(until).empty());
  CHECK(now() >= until);
}

TEST_CASE("poller: it tells a wait that slept from one that found something at once") {
  Poller poller;
  const Pair pair;
  poller.watch(pair.near(), /*readable=*/true, /*writable=*/false);
  (void)poller.wait(now() + 1ms);
  CHECK(poller.slept());
  pair.send();
  CHECK(poller.wait(std::nullopt).size() == 1);
  CHECK_FALSE(poller.slept());
  poller.wake();
  (void)poller.wait(std::nullopt);
  CHECK_FALSE(poller.slept());
}

TEST_CASE("poller: a descriptor is ready for what is watched as long as it is ready") {
  Poller poller;
  const Pair pair;
  poller.watch(pair.near(), /*readable=*/true, /*writable=*/false);
  CHECK(poller.wait(k_at_once).empty());
  pair.send();
  for (int i = 0; i < 2; ++i) {
    const auto ready = poller.wait(std::nullopt);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].descriptor == pair.near());
    CHECK(ready[0].readable);
    CHECK_FALSE(ready[0].writable);
    CHECK_FALSE(ready[0].failed);
  }
  pair.receive();
  CHECK(poller.wait(k_at_once).empty());
}

TEST_CASE("poller: watching again replaces what was watched") {
  Poller poller;
  const Pair pair;
  pair.send();
  poller.watch(pair.near(), true, false);
  poller.watch(pair.near(), false, true);
  auto ready = poller.wait(std::nullopt);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable);
  CHECK_FALSE(ready[0].readable);
  poller.watch(pair.near(), true, true);
  ready = poller.wait(std::nullopt);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable);
  CHECK(ready[0].readable);
}

TEST_CASE("poller: the end of the other side is readable") {
  Poller poller;
  Pair pair;
  poller.watch(pair.near(), true, false);
  pair.close_far();
  const auto ready = poller.wait(std::nullopt);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].readable);
}

TEST_CASE("poller: nothing comes from a descriptor that is forgotten or watched for nothing") {
  Poller poller;
  Pair forgotten;
  Pair unwatched;
  poller.watch(forgotten.near(), true, true);
  poller.watch(unwatched.near(), true, true);
  poller.forget(forgotten.near());
  poller.watch(unwatched.near(), false, false);
  forgotten.close_far();
  unwatched.close_far();
  CHECK(poller.wait(k_at_once).empty());
  poller.forget(forgotten.near());  // a second time changes nothing
  poller.watch(forgotten.near(), true, false);
  CHECK(poller.wait(std::nullopt).size() == 1);
}

TEST_CASE("poller: a descriptor that cannot be watched is reported") {
  Poller poller;
  CHECK_THROWS_AS(poller.watch(-1, true, false), std::system_error);
  Pair pair;
  const int closed = pair.near();
  poller.watch(closed, true, false);
  const int copy = dup(closed);
  REQUIRE(copy >= 0);
  close(copy);
  CHECK_THROWS_AS(poller.watch(copy, true, false), std::system_error);
}

TEST_CASE("poller: more descriptors than fit one wait come in the next ones") {
  Poller poller;
  std::array<Pair, 150> pairs;
  for (const Pair& pair : pairs) {
    poller.watch(pair.near(), true, false);
    pair.send();
  }
  std::size_t seen = 0;
  for (int waits = 0; waits < 10; ++waits) {
    const auto ready = poller.wait(k_at_once);
    seen += ready.size();
    for (const Poller::Ready& event : ready) {
      char byte = 0;
      REQUIRE(read(event.descriptor, &byte, 1) == 1);
    }
  }
  CHECK(seen == pairs.size());
}

TEST_CASE("poller: a process without descriptors cannot have one") {
  const NoDescriptors none;
  CHECK_THROWS_AS(Poller(), std::system_error);
}
