#include "daemon/probing/logs.hpp"
#include "fakes/captured_log.hpp"
#include "fakes/contains.hpp"
#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::daemon {
namespace {

using base::log::Format;
using base::log::Level;
using inferometer::fakes::contains;
using measure::make_success;
using measure::Measurement;
using measure::Outcome;
using namespace std::chrono_literals;

std::string lines_of(OutcomeLog& log, const Measurement& measurement) {
  return fakes::stderr_of(Level::info, Format::logfmt, [&] { log.record(measurement); });
}

Measurement suspect_at(base::Duration after) {
  Measurement measurement = make_success();
  measurement.suspect = true;
  measurement.slacks.first_content = 23ms;
  measurement.timeline.ended = measure::k_start + after;
  return measurement;
}

}  // namespace

TEST_CASE("the log tells of a target once when it fails and once when it is well again") {
  OutcomeLog log(make_success().target);
  Measurement failure = make_success();
  failure.outcome = Outcome::overloaded;
  CHECK(lines_of(log, make_success()).empty());
  CHECK(contains(lines_of(log, failure), "level=warn"));
  CHECK(lines_of(log, failure).empty());
  CHECK(contains(lines_of(log, make_success()), "level=info"));
}

TEST_CASE("a suspect attempt is told of with its bound and then not for a minute") {
  OutcomeLog log(make_success().target);
  const std::string first = lines_of(log, suspect_at(0s));
  CHECK(contains(first, "level=warn"));
  CHECK(contains(first, "error_bound=0.023000"));
  CHECK(contains(first, "max_error=0.001000"));
  CHECK(contains(first, "suspects_before=0"));
  CHECK(lines_of(log, suspect_at(20s)).empty());
  CHECK(lines_of(log, suspect_at(60s - 1ns)).empty());
  CHECK(contains(lines_of(log, suspect_at(60s)), "suspects_before=2"));
}

}  // namespace inferometer::daemon
