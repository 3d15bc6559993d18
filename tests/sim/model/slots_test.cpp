#include "sim/model/slots.hpp"

#include <doctest/doctest.h>

using inferometer::sim::Slots;

TEST_CASE("places pass to those who wait in the order of their arrival") {
  Slots slots(2, 0);
  CHECK(slots.acquire(1));
  CHECK(slots.acquire(2));
  CHECK(!slots.acquire(3));
  CHECK(!slots.acquire(4));
  CHECK(slots.waiting() == 2);
  CHECK(slots.release() == 3U);
  CHECK(slots.release() == 4U);
  CHECK(slots.running() == 2);
  CHECK(slots.waiting() == 0);
  CHECK(slots.release() == std::nullopt);
  CHECK(slots.release() == std::nullopt);
  CHECK(slots.running() == 0);
}

TEST_CASE("who has cancelled is passed over") {
  Slots slots(1, 0);
  CHECK(slots.acquire(1));
  CHECK(!slots.acquire(2));
  CHECK(!slots.acquire(3));
  slots.cancel(2);
  CHECK(slots.release() == 3U);
}

TEST_CASE("without a limit no one waits and nothing is slowed down") {
  Slots slots(0, 0);
  for (Slots::Id id = 0; id < 1000; ++id) {
    CHECK(slots.acquire(id));
  }
  CHECK(slots.load() == 1);
}

TEST_CASE("the load grows with those who run beside") {
  Slots slots(4, 2);
  CHECK(slots.load() == 1);
  CHECK(slots.acquire(1));
  CHECK(slots.load() == 1);
  CHECK(slots.acquire(2));
  CHECK(slots.load() == 1.5);
  CHECK(slots.acquire(3));
  CHECK(slots.acquire(4));
  CHECK(!slots.acquire(5));
  CHECK(slots.load() == 2.5);
}
