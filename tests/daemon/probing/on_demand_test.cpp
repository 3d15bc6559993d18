#include "daemon/probing/on_demand.hpp"

#include "daemon/probing/probing.hpp"
#include "fakes/eventually.hpp"
#include "fakes/scripted_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <stop_token>
#include <string>

namespace inferometer::daemon {

using fakes::eventually;
using namespace std::chrono_literals;

TEST_CASE("prober: an attempt on demand is in the tokens and in nothing that the schedule counts") {
  Probing probing;
  probing.target().interval = 1h;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") == 0; }));
  const auto measured = probing.ask();
  REQUIRE(measured);
  CHECK(measured->outcome == measure::Outcome::success);
  CHECK(probing.count("on_demand_total") == 1);
  CHECK(probing.count("attempts_total") == 0);
  CHECK(probing.count("in_flight") == 0);
  CHECK(probing.count("tokens_total", "output") == 4);
  CHECK(probing.prober().measurement(measured->id) != nullptr);
}

TEST_CASE("prober: attempts on demand and those of the schedule share one rate limit") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().rate_limit.requests_per_minute = 1;
  probing.apply();
  REQUIRE(probing.ask());
  const auto second = probing.ask();
  REQUIRE_FALSE(second);
  CHECK(second.error().cause == NoMeasurement::Cause::too_many);
  CHECK(second.error().message.find("requests_per_minute") != std::string::npos);
}

TEST_CASE("prober: a refusal on demand holds the model for all") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";
  probing.apply();
  const auto first = probing.ask();
  REQUIRE(first);
  CHECK(first->outcome == measure::Outcome::rate_limited);
  const auto second = probing.ask();
  REQUIRE_FALSE(second);
  CHECK(second.error().cause == NoMeasurement::Cause::too_many);
}

TEST_CASE("prober: an attempt on demand ends within the timeout that it is given") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().headers["X-Sim-Fault"] = "hang_before_headers";
  probing.apply();
  const auto begin = std::chrono::steady_clock::now();
  const auto measured = probing.ask(200ms);
  REQUIRE(measured);
  CHECK(measured->outcome == measure::Outcome::total_timeout);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("prober: an attempt on demand that waits for a token ends within its timeout") {
  ::setenv("INFEROMETER_TEST_SECRET", "sim-secret", 1);
  const fakes::ScriptedServer silent({fakes::script::AwaitClose{}});
  Probing probing;
  probing.target().interval = 1h;
  probing.use_token_of(silent.port());
  probing.apply();
  const auto begin = std::chrono::steady_clock::now();
  const auto measured = probing.ask(200ms);
  ::unsetenv("INFEROMETER_TEST_SECRET");
  REQUIRE_FALSE(measured);
  CHECK(measured.error().cause == NoMeasurement::Cause::unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("prober: an attempt on demand whose caller has left is cut") {
  fakes::ScriptedServer server({fakes::script::ReadRequest{}, fakes::script::AwaitClose{}});
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().base_url = fmt::format("http://127.0.0.1:{}/v1", server.port());
  probing.apply();
  std::stop_source client;
  auto asked = std::async(std::launch::async, [&] { return probing.ask({}, client.get_token()); });
  REQUIRE(server.wait_for_requests(1));
  client.request_stop();
  CHECK_FALSE(asked.get());
  CHECK(server.wait_for_closed(1));
  CHECK(eventually([&] { return probing.prober().drained(); }));
  CHECK(probing.count("on_demand_total") == 0);
}

}  // namespace inferometer::daemon
