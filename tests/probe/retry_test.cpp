#include "probe/retry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace inferometer::probe {
namespace {

using measure::Measurement;
using measure::Outcome;
using namespace std::chrono_literals;

constexpr config::Retries k_retries{.max_retries = 4, .base_delay = 1s, .max_delay = 5s};

Measurement failed(Outcome outcome, std::uint32_t attempt = 1) {
  Measurement measurement;
  measurement.outcome = outcome;
  measurement.attempt = attempt;
  return measurement;
}

}  // namespace

TEST_CASE("retry: the delay is drawn below a bound that doubles up to the longest") {
  const std::array bounds{1s, 2s, 4s, 5s};
  for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
    CAPTURE(attempt);
    const Measurement measurement = failed(Outcome::server_error, attempt);
    CHECK(retry_delay(measurement, k_retries, 0.0) == 0s);
    CHECK(retry_delay(measurement, k_retries, 0.5) == bounds.at(attempt - 1) / 2.0);
  }
}

TEST_CASE("retry: it ends after as many retries as are allowed") {
  CHECK_FALSE(retry_delay(failed(Outcome::server_error, 5), k_retries, 0.5));
  CHECK_FALSE(retry_delay(failed(Outcome::server_error), config::Retries{}, 0.5));
}

TEST_CASE("retry: only what may pass is repeated") {
  constexpr std::array k_passing{Outcome::dns_error,       Outcome::connect_error,
                                 Outcome::connect_timeout, Outcome::connection_lost,
                                 Outcome::rate_limited,    Outcome::overloaded,
                                 Outcome::server_error};
  for (const Outcome outcome : measure::k_outcomes) {
    CAPTURE(measure::to_string(outcome));
    const bool passing = std::count(k_passing.begin(), k_passing.end(), outcome) > 0;
    CHECK(retry_delay(failed(outcome), k_retries, 0.5).has_value() == passing);
  }
}

TEST_CASE("retry: nothing is repeated once text or reasoning had come") {
  Measurement with_text = failed(Outcome::connection_lost);
  with_text.content_bytes = 1;
  CHECK_FALSE(retry_delay(with_text, k_retries, 0.5));
  Measurement with_reasoning = failed(Outcome::connection_lost);
  with_reasoning.timeline.first_reasoning = base::MonotonicTime{};
  CHECK_FALSE(retry_delay(with_reasoning, k_retries, 0.5));
}

TEST_CASE("retry: the provider names the delay and one that is too long ends the retries") {
  Measurement measurement = failed(Outcome::rate_limited);
  measurement.retry_after = 3s;
  CHECK(retry_delay(measurement, k_retries, 0.0) == 3s);
  measurement.retry_after = 6s;
  CHECK_FALSE(retry_delay(measurement, k_retries, 0.0));
}

TEST_CASE("retry: the bound does not overflow however many retries there were") {
  const config::Retries many{.max_retries = 4'000'000'000, .base_delay = 1min, .max_delay = 10min};
  CHECK(retry_delay(failed(Outcome::overloaded, 3'000'000'000), many, 0.5) == 5min);
}

}  // namespace inferometer::probe
