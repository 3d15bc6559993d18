#include "slo/burn_rate.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::slo {
namespace {

config::Slo slo_of(double objective, base::Duration window = 24h * 30) {
  return {.name = "slo", .objective = objective, .sli = {}, .match = {}, .window = window};
}

}  // namespace

TEST_CASE("of a month, the long windows take 2, 5, 10 and 10 percent of the budget") {
  const double expected[]{0.02, 0.05, 0.1, 0.1};
  for (std::size_t i = 0; i < k_burn_rate_alerts.size(); ++i) {
    const BurnRateAlert& alert = k_burn_rate_alerts[i];
    CHECK(alert.burn_rate * base::seconds(alert.long_window) / (30 * 86400) ==
          doctest::Approx(expected[i]));
  }
}

TEST_CASE("an SLO that is just met fires no alert, however long its window is") {
  for (const base::Duration window : {24h * 7, 24h * 30, 24h * 90}) {
    for (const BurnRateAlert& alert : k_burn_rate_alerts) {
      CHECK(error_threshold(alert, slo_of(99, window)).value() >= doctest::Approx(0.01));
    }
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
