#include "transport/stamp/wake_watch.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <thread>

using inferometer::fakes::now;
using namespace inferometer::transport;
using namespace std::chrono_literals;
using inferometer::base::Descriptor;
using inferometer::base::Duration;
using inferometer::base::MonotonicTime;

namespace {

constexpr WakeWatch::Wait k_slept{.slept = true, .complete = true};
constexpr WakeWatch::Wait k_found{.slept = false, .complete = true};

void keep_busy(Duration span) {
  const MonotonicTime until = now() + span;
  while (now() < until) {
  }
}

/// Waits as a loop does, for a descriptor that another thread makes ready after a while.
struct Sleeper {
  void wait(Duration until_ready) {
    std::thread signaller([&] {
      std::this_thread::sleep_for(until_ready);
      const std::uint64_t one = 1;
      signalled = now();
      CHECK(write(event.get(), &one, sizeof one) == sizeof one);
    });
    watch.begin(now());
    pollfd watched{event.get(), POLLIN, 0};
    CHECK(poll(&watched, 1, 10'000) == 1);
    woken = now();
    watch.end(woken, k_slept);
    std::uint64_t count = 0;
    CHECK(read(event.get(), &count, sizeof count) == sizeof count);
    signaller.join();
  }

  Descriptor event{eventfd(0, EFD_CLOEXEC)};
  WakeWatch watch;
  MonotonicTime signalled;
  MonotonicTime woken;
};

}  // namespace

TEST_CASE("wake watch: a thread that slept had nothing to do until it was woken") {
  Sleeper sleeper;
  bool close_once = false;
  for (int i = 0; i < 20 && !close_once; ++i) {
    sleeper.wait(30ms);
    CHECK(sleeper.watch.earliest() <= sleeper.signalled + 200us);
    close_once = sleeper.signalled - sleeper.watch.earliest() < 5ms;
  }
  CHECK(close_once);
}

TEST_CASE("wake watch: what was ready at once may have been so since the wait before") {
  WakeWatch watch;
  const MonotonicTime quiet = now();
  watch.begin(quiet);
  watch.end(now(), k_found);
  keep_busy(15ms);  // and something comes
  watch.begin(now());
  watch.end(now(), k_found);
  CHECK(watch.earliest() == quiet);
}

TEST_CASE("wake watch: a wait that finds much at once is no sleep, however long it takes") {
  WakeWatch watch;
  const MonotonicTime quiet = now();
  watch.begin(quiet);
  watch.end(now(), k_found);
  watch.begin(now());
  keep_busy(15ms);
  watch.end(now(), k_found);
  CHECK(watch.earliest() == quiet);
}

TEST_CASE("wake watch: a wait that did not report all says nothing of the rest") {
  WakeWatch watch;
  const MonotonicTime quiet = now();
  watch.begin(quiet);
  watch.end(now(), k_found);
  watch.begin(now());
  watch.end(now(), {.slept = false, .complete = false});
  watch.begin(now());
  watch.end(now(), k_found);
  CHECK(watch.earliest() == quiet);
}

TEST_CASE("wake watch: a stamp from before the waking shows that it was no sleep") {
  Sleeper sleeper;
  sleeper.wait(30ms);
  const MonotonicTime earliest = sleeper.watch.earliest();
  CHECK(sleeper.watch.earliest(earliest + 1us) == earliest);
  CHECK(sleeper.watch.earliest(earliest - 20ms) < earliest);
}

TEST_CASE("thread cpu time: work counts and sleep does not") {
  const Duration before = thread_cpu_time();
  std::this_thread::sleep_for(20ms);
  CHECK(thread_cpu_time() - before < 15ms);
  keep_busy(5ms);
  CHECK(thread_cpu_time() > before);
}
