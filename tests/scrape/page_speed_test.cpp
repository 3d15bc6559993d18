#include "fakes/fastest.hpp"
#include "scrape/page.hpp"
#include "scrape/scrape_states.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

TEST_CASE("page: five megabytes are read within a tenth of a second") {
  // As of 100 engines: mostly buckets, of which none is kept.
  std::string page;
  for (int engine = 0; page.size() < 5'000'000; ++engine) {
    const std::string labels =
        R"({engine=")" + std::to_string(engine) + R"(",model_name="deepseek-ai/DeepSeek-V3")";
    page += "vllm:num_requests_running" + labels + "} 7.0\n";
    for (const char* family : {"time_to_first_token_seconds", "inter_token_latency_seconds",
                               "e2e_request_latency_seconds", "request_queue_time_seconds"}) {
      page += "# HELP vllm:" + std::string(family) + " Histogram of something in seconds.\n";
      page += "# TYPE vllm:" + std::string(family) + " histogram\n";
      for (int bucket = 1; bucket <= 100; ++bucket) {
        page += "vllm:" + std::string(family) + "_bucket" + labels + ",le=\"" +
                std::to_string(bucket * 0.025) + "\"} " + std::to_string(bucket * 1000) + ".0\n";
      }
      page += "vllm:" + std::string(family) + "_sum" + labels + "} 512.25\n";
      page += "vllm:" + std::string(family) + "_count" + labels + "} 100000.0\n";
    }
  }
  const auto took = inferometer::fakes::fastest(5, [&page] {
    auto read = read_page(ServerKind::vllm, page);
    REQUIRE(read);
    CounterContinuity().apply(mapping_of(ServerKind::vllm), *read);
    CHECK(figures_of(ServerKind::vllm, read->samples).ttft);
  });
  const double ms = std::chrono::duration<double, std::milli>(took).count();
  MESSAGE(page.size() << " bytes: " << ms << " ms");
  CHECK(ms < 100);
}
