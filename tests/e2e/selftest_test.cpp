#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::e2e {

TEST_CASE("selftest reads every event of each row and its exit status is its verdict") {
  const Finished finished = run(inferometer({"selftest", "--json"}));
  const auto json = nlohmann::json::parse(finished.output);
  CHECK(finished.status == (json.at("good").get<bool>() ? 0 : 1));
  REQUIRE(json.at("rows").size() == 4);
  for (const auto& row : json.at("rows")) {
    CAPTURE(row.dump());
    CHECK(row.at("failed_streams") == 0);
    CHECK(row.at("events") == 2000);
    // Wide: others may use the machine. What a row is held to, its verdict says.
    CHECK(row.at("stamp_error_seconds").at("p50") < 0.001);
  }
}

TEST_CASE("the daemon measures its own error soon after its start") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, "providers: [{name: p, protocol: openai-chat, base_url: \"" +
                                  simulator.url() +
                                  "\", models: [m]}]\n"
                                  "workloads: [{name: w, input_tokens: 64, output_tokens: 16}]\n"
                                  "probes: [{providers: [p], workloads: [w], interval: 1h}]\n");
  CHECK(eventually([&] {
    return daemon.sample("inferometer_measurement_error_seconds_count").value_or(0) > 0;
  }));
}

}  // namespace inferometer::e2e
