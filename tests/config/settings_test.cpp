#include "config/sample.hpp"
#include "config/section/probe_entry.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

Target target_of(const sample::Extra& extra) {
  return sample::load_good(sample::text_with(extra)).targets.at(0);
}

}  // namespace

TEST_CASE("without any setting the built-in ones hold") {
  const Target target = target_of({});
  CHECK(target.interval == 60s);
  CHECK(target.max_in_flight == 1);
  CHECK(target.connection == ConnectionPolicy::fresh);
  CHECK(target.timeouts ==
        Timeouts{.connect = 5s, .first_token = 30s, .stall = 10s, .total = 120s});
}

TEST_CASE("defaults go before what is built in") {
  const Target target =
      target_of({.file = "defaults: {interval: 5s, max_in_flight: 2, connection: reuse, "
                         "timeouts: {stall: 7s}}"});
  CHECK(target.interval == 5s);
  CHECK(target.max_in_flight == 2);
  CHECK(target.connection == ConnectionPolicy::reuse);
  CHECK(target.timeouts == Timeouts{.connect = 5s, .first_token = 30s, .stall = 7s, .total = 120s});
}

TEST_CASE("a probe goes before the defaults in each setting by itself") {
  const std::string defaults =
      "defaults: {interval: 5s, max_in_flight: 2, connection: reuse, "
      "timeouts: {stall: 7s, connect: 3s}}";
  CHECK(target_of({.probe = "interval: 9s", .file = defaults}).interval == 9s);
  CHECK(target_of({.probe = "interval: 9s", .file = defaults}).max_in_flight == 2);
  CHECK(target_of({.probe = "max_in_flight: 8", .file = defaults}).max_in_flight == 8);
  CHECK(target_of({.probe = "connection: fresh", .file = defaults}).connection ==
        ConnectionPolicy::fresh);
  CHECK(target_of({.probe = "timeouts: {connect: 1s}", .file = defaults}).timeouts ==
        Timeouts{.connect = 1s, .first_token = 30s, .stall = 7s, .total = 120s});
}

TEST_CASE("settings at the ends of their ranges are accepted") {
  CHECK(target_of({.probe = "interval: 100ms"}).interval == 100ms);
  CHECK(target_of({.probe = "interval: 30d"}).interval == 720h);
  CHECK(target_of({.probe = "max_in_flight: 1000"}).max_in_flight == 1000);
  CHECK(target_of({.probe = "timeouts: {connect: 1ns, total: 1h}"}).timeouts.total == 1h);
}

TEST_CASE("a timeout may exceed the interval and equal the total") {
  const Target target = target_of({.probe = "timeouts: {first_token: 20s, stall: 20s, total: 20s}",
                                   .file = "defaults: {interval: 1s}"});
  CHECK(target.timeouts.first_token == target.timeouts.total);
}

TEST_CASE("a limit above the total of the defaults is reported once and not in every probe") {
  const std::string messages = sample::load_bad(sample::text_with(
      {.probe = "interval: 1s", .file = "defaults: {timeouts: {stall: 3m, total: 2m}}"}));
  CHECK(messages ==
        "config.yml:14:30: timeout stall (3m) is longer than total (2m): lower stall or raise "
        "total\n");
}

TEST_CASE("limits that nobody wrote shrink to the total") {
  CHECK(target_of({.probe = "timeouts: {total: 8s}"}).timeouts ==
        Timeouts{.connect = 5s, .first_token = 8s, .stall = 8s, .total = 8s});
  CHECK(target_of({.file = "defaults: {timeouts: {total: 8s}}"}).timeouts ==
        Timeouts{.connect = 5s, .first_token = 8s, .stall = 8s, .total = 8s});
  CHECK(target_of({.probe = "timeouts: {total: 8s}", .file = "defaults: {timeouts: {stall: 3s}}"})
            .timeouts == Timeouts{.connect = 5s, .first_token = 8s, .stall = 3s, .total = 8s});
}

TEST_CASE("limits that shrank in the defaults grow again under the total of a probe") {
  CHECK(target_of({.probe = "timeouts: {total: 20s}", .file = "defaults: {timeouts: {total: 8s}}"})
            .timeouts == Timeouts{.connect = 5s, .first_token = 20s, .stall = 10s, .total = 20s});
}

TEST_CASE("a limit that someone wrote is refused above the built-in total") {
  CHECK(sample::load_bad(sample::text_with({.probe = "timeouts: {first_token: 3m}"}))
            .find("timeout first_token (3m) is longer than total (2m)") != std::string::npos);
}

TEST_CASE("limits are not compared with a total that was refused") {
  CHECK(sample::load_bad(sample::text_with({.probe = "timeouts: {stall: 3m, total: 5}"}))
            .find("longer") == std::string::npos);
}

}  // namespace inferometer::config
