#include "selftest/selftest.hpp"

#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer;
using selftest::Row;

TEST_CASE("selftest: each row reads all of its events by the real transport") {
  std::vector<std::string> begun;
  const auto rows = selftest::run({.streams = 3, .events = 10},
                                  [&](const Row& row) { begun.push_back(to_string(row)); });
  REQUIRE(rows);
  CHECK(begun == std::vector<std::string>{"clear text, at rest", "TLS, at rest",
                                          "clear text, under load", "TLS, under load"});
  REQUIRE(rows->size() == 4);
  for (const Row& row : *rows) {
    CHECK(row.accuracy.streams == 3);
    CHECK(row.accuracy.failed == 0);
    CHECK(row.accuracy.events == 30);
    CHECK(row.accuracy.measurements == 30);
  }
}

TEST_CASE(
    "selftest: the daemon's own small one gives an error for each event but interrupted ones") {
  const auto transport = transport::make_transport({});
  const std::size_t errors = selftest::measure_error(*transport).size();
  CHECK(errors <= 10);
  CHECK(errors >= 5);  // as many as a sanitizer's build is interrupted in on a busy machine
}

TEST_CASE("selftest: a transport that has stopped gives none") {
  const auto transport = transport::make_transport({});
  transport->stop();
  CHECK(selftest::measure_error(*transport).empty());
}
