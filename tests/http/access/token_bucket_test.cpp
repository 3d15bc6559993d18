#include "http/access/token_bucket.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>

namespace inferometer::http {
namespace {

using fakes::at;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a token bucket lets a burst through and then one an interval") {
  TokenBucket bucket(2s, 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(bucket.take(at(10s)));
  }
  CHECK(!bucket.take(at(10s)));
  CHECK(bucket.wait(at(10s)) == 2s);
  CHECK(bucket.wait(at(11s)) == 1s);
  CHECK(!bucket.take(at(11s)));
  CHECK(bucket.take(at(12s)));
  CHECK(!bucket.take(at(12s)));
}

TEST_CASE("a token bucket never holds more than its burst and forgives a clock that stands still") {
  TokenBucket bucket(1s, 2);
  CHECK(bucket.take(at(0s)));
  CHECK(bucket.take(at(1h)));
  CHECK(bucket.take(at(1h)));
  CHECK(!bucket.take(at(1h)));
  CHECK(!bucket.take(at(1s)));
}

TEST_CASE("a burst of nothing lets nothing through") {
  TokenBucket bucket(1s, 0);
  CHECK(!bucket.take(at(0s)));
  CHECK(!bucket.take(at(100h)));
  CHECK(bucket.wait(at(100h)) == 1s);
}

}  // namespace inferometer::http
