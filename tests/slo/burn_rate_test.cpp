#include "slo/burn_rate.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::slo {
namespace {

config::Slo slo_of(double objective, base::Duration window = 24h * 30) {
  return {.name = "slo", .objective = objective, .sli = {}, .match = {}, .window = window};
}

}  // namespace

TEST_CASE("within 30 days the burn rates are 14.4, 6, 3 and 1") {
  const double expected[]{14.4, 6, 3, 1};
  for (std::size_t i = 0; i < k_burn_rate_alerts.size(); ++i) {
    CHECK(burn_rate(k_burn_rate_alerts[i], slo_of(99)) == doctest::Approx(expected[i]));
  }
}

TEST_CASE("within 28 days the burn rates are less by a fifteenth") {
  const double expected[]{13.44, 5.6, 2.8, 14 / 15.0};
  for (std::size_t i = 0; i < k_burn_rate_alerts.size(); ++i) {
    CHECK(burn_rate(k_burn_rate_alerts[i], slo_of(99, 24h * 28)) == doctest::Approx(expected[i]));
  }
}

TEST_CASE("an objective whose budget an outage cannot burn so fast has no threshold") {
  CHECK(error_threshold(k_burn_rate_alerts[0], slo_of(99.9)).value() == doctest::Approx(0.0144));
  CHECK_FALSE(error_threshold(k_burn_rate_alerts[0], slo_of(93)));
  CHECK(error_threshold(k_burn_rate_alerts[1], slo_of(93)).value() == doctest::Approx(0.42));
}

TEST_CASE(
    "an alert fires when enough of its long window is bad, and not before the third failure") {
  CHECK(time_to_fire("page", slo_of(95), 1min) == 44min);   // 0.72 of an hour
  CHECK(time_to_fire("page", slo_of(99.9), 1min) == 3min);  // 0.0144 of an hour is one
  CHECK(time_to_fire("page", slo_of(99.9), 1min, 1) == 1min);
  CHECK(time_to_fire("page", slo_of(90), 1min) == 60min);      // all of an hour
  CHECK(time_to_fire("page", slo_of(99.9), 45min) == 135min);  // three do not fit into an hour
}

TEST_CASE("an alert whose long window holds too few attempts never fires") {
  CHECK_FALSE(time_to_fire("page", slo_of(99.9), 3h));
  CHECK(time_to_fire("ticket", slo_of(99.9), 3h) == 9h);
  CHECK_FALSE(time_to_fire("ticket", slo_of(99.9), 25h));
}

}  // namespace inferometer::slo
