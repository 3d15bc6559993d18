#include "sim/model/fault.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace inferometer::sim;

TEST_CASE("the table has every fault at the place of its enumerator and finds it by its name") {
  REQUIRE(faults().size() == k_fault_count);
  for (std::size_t i = 0; i < k_fault_count; ++i) {
    const FaultInfo& row = faults()[i];
    CAPTURE(row.name);
    CHECK(static_cast<std::size_t>(row.value) == i);
    CHECK(&info(row.value) == &row);
    CHECK(parse_fault(row.name).value() == row.value);
    CHECK(!row.summary.empty());
  }
}

TEST_CASE("an unknown fault is an error that lists the faults there are") {
  const auto unknown = parse_fault("Stall");
  REQUIRE(!unknown);
  CHECK(unknown.error().message.find("there is no fault 'Stall'") == 0);
  CHECK(unknown.error().message.find("stall, reset") != std::string::npos);
}

TEST_CASE("rates are a list of fault and share") {
  const auto rates = parse_fault_rates("reset=0.25,stall=0.75").value();
  REQUIRE(rates.size() == 2);
  CHECK(rates[0].fault == Fault::reset);
  CHECK(rates[0].rate == 0.25);
  CHECK(rates[1].fault == Fault::stall);
  CHECK(rates[1].rate == 0.75);
  CHECK(parse_fault_rates("").value().empty());
}

TEST_CASE("rates that cannot be are refused") {
  for (const char* text : {"reset", "reset=", "reset=x", "reset=-0.1", "reset=1.1", "reset=nan",
                           "nothing=0.1", "reset=0.6,stall=0.6", "reset=0.1;stall=0.1",
                           "reset=0.1,,stall=0.1", "=0.5", "reset=0.1x"}) {
    CAPTURE(text);
    CHECK(!parse_fault_rates(text));
  }
}

TEST_CASE("faults are drawn as often as their rates say") {
  const auto rates = parse_fault_rates("reset=0.1,stall=0.3").value();
  Random random(3);
  std::map<std::optional<Fault>, int> seen;
  for (int i = 0; i < 100'000; ++i) {
    ++seen[draw_fault(rates, random)];
  }
  CHECK(seen[Fault::reset] == doctest::Approx(10'000).epsilon(0.05));
  CHECK(seen[Fault::stall] == doctest::Approx(30'000).epsilon(0.05));
  CHECK(seen[std::nullopt] == doctest::Approx(60'000).epsilon(0.05));
}

TEST_CASE("a rate of one always strikes and a rate of zero never") {
  Random random(3);
  const auto always = parse_fault_rates("stall=0,reset=1").value();
  for (int i = 0; i < 1000; ++i) {
    CHECK(draw_fault(always, random) == Fault::reset);
    CHECK(draw_fault({}, random) == std::nullopt);
  }
}
