#include "scrape/scrape_states.hpp"

#include "scrape/pages.hpp"

#include <doctest/doctest.h>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;
using inferometer::config::ServerMetrics;

namespace {

const ServerMetrics k_server{.kind = ServerKind::vllm, .url = "http://a/metrics"};

Reading ttft(int sum, int count) {
  return read_text(ServerKind::vllm, "vllm:time_to_first_token_seconds_sum " + std::to_string(sum) +
                                         "\nvllm:time_to_first_token_seconds_count " +
                                         std::to_string(count) + "\n");
}

/// A whole scrape; the mean that came out.
Figure scrape(Memory& memory, Reading reading, const ServerMetrics& server = k_server) {
  const auto number = memory.begin("p", server);
  REQUIRE(number);
  REQUIRE(memory.end("p", *number, &reading));
  return reading.figures.ttft_mean;
}

}  // namespace

TEST_CASE("memory: a scrape is compared with the last one that succeeded") {
  Memory memory;
  CHECK_FALSE(scrape(memory, ttft(4, 2)));
  CHECK(scrape(memory, ttft(10, 4)) == 3);
  const auto failed = memory.begin("p", k_server);
  REQUIRE(failed);
  CHECK(memory.end("p", *failed, nullptr));
  CHECK(scrape(memory, ttft(12, 5)) == 2);
}

TEST_CASE("memory: one scrape at a time for each provider") {
  Memory memory;
  const auto first = memory.begin("p", k_server);
  REQUIRE(first);
  CHECK_FALSE(memory.begin("p", k_server));
  CHECK(memory.begin("q", k_server));
  CHECK(memory.end("p", *first, nullptr));
  CHECK(memory.begin("p", k_server));
}

TEST_CASE("memory: another interval is no other server and another address or kind is") {
  Memory memory;
  CHECK_FALSE(scrape(memory, ttft(4, 2)));
  ServerMetrics server = k_server;
  server.interval = std::chrono::seconds(1);
  CHECK(scrape(memory, ttft(10, 4), server) == 3);
  server.url = "http://b/metrics";
  CHECK_FALSE(scrape(memory, ttft(20, 6), server));
  server.kind = ServerKind::tgi;
  CHECK_FALSE(scrape(memory, read_text(ServerKind::tgi, ""), server));
}

TEST_CASE("memory: a scrape of a server that was replaced meanwhile is of no use") {
  Memory memory;
  const auto old = memory.begin("p", k_server);
  REQUIRE(old);
  const ServerMetrics server{.kind = ServerKind::vllm, .url = "http://b/metrics"};
  const auto now = memory.begin("p", server);
  REQUIRE(now);
  Reading reading = ttft(4, 2);
  CHECK_FALSE(memory.end("p", *old, &reading));
  CHECK_FALSE(memory.begin("p", server));  // the new one is still under way
  reading = ttft(10, 4);
  CHECK(memory.end("p", *now, &reading));
  CHECK_FALSE(reading.figures.ttft_mean);
}

TEST_CASE("memory: a provider that is not kept is forgotten with what is under way") {
  Memory memory;
  CHECK_FALSE(scrape(memory, ttft(4, 2)));
  memory.keep({"p", "q"});
  CHECK(scrape(memory, ttft(10, 4)) == 3);
  const auto number = memory.begin("p", k_server);
  REQUIRE(number);
  memory.keep({"q"});
  Reading reading = ttft(20, 6);
  CHECK_FALSE(memory.end("p", *number, &reading));
  CHECK_FALSE(scrape(memory, ttft(30, 8)));
}
