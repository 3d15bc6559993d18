#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::base::Duration;
using inferometer::fakes::RawHttpClient;

// Bounds from below are exact: the simulator is never early. Bounds from above hold on a noisy
// machine, because they are on medians and minima.
namespace {

std::int64_t now_ns() {
  return inferometer::base::system_clock().now().time_since_epoch().count();
}

Duration median(std::vector<Duration> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

/// How long after the request each stamped event of one stream was sent.
std::vector<Duration> send_times(const Server& server, std::string_view headers,
                                 std::uint32_t tokens) {
  RawHttpClient client(server.port());
  const std::int64_t begin = now_ns();
  client.send(fast_chat("X-Sim-Stamp: on\r\nX-Sim-Output-Tokens: 10000\r\n" + std::string(headers),
                        tokens));
  std::vector<Duration> times;
  for (const std::int64_t stamp : stamps(client.read_response().body)) {
    times.emplace_back(stamp - begin);
  }
  return times;
}

}  // namespace

TEST_CASE("the first token comes at its time and not before") {
  const Server server = start();
  for (const Duration ttft : {Duration(750us), Duration(20ms)}) {
    const std::string header = "X-Sim-Ttft: " + std::to_string(ttft / 1us) + "us\r\n";
    std::vector<Duration> late;
    for (int i = 0; i < 31; ++i) {
      const auto times = send_times(server, header, 1);
      REQUIRE(times.size() == 1);
      CHECK(times[0] >= ttft);
      late.push_back(times[0] - ttft);
    }
    CHECK(median(late) < 2ms);
  }
}

TEST_CASE("gaps count from the last deadline so that lateness never adds up") {
  const Server server = start();
  constexpr std::size_t k_tokens = 600;
  const auto times = send_times(server, "X-Sim-Ttft: 5ms\r\nX-Sim-Itl: 1ms\r\n", k_tokens);
  REQUIRE(times.size() == k_tokens);
  std::vector<Duration> lateness;
  for (std::size_t i = 0; i < k_tokens; ++i) {
    lateness.push_back(times[i] - 5ms - 1ms * static_cast<int>(i));
    CHECK(lateness.back() >= 0ms);
  }
  const auto half = lateness.begin() + k_tokens / 2;
  const Duration first = *std::min_element(lateness.begin(), half);
  const Duration second = *std::min_element(half, lateness.end());
  CHECK(second - first < 2ms);
  CHECK(median(lateness) - first < 2ms);
}

TEST_CASE("gaps of less than a millisecond are kept") {
  const Server server = start();
  constexpr std::size_t k_tokens = 1000;
  const auto times = send_times(server, "X-Sim-Itl: 250us\r\n", k_tokens);
  REQUIRE(times.size() == k_tokens);
  CHECK(times.back() - times.front() >= 200ms);
  CHECK(median({times.back() - times.front()}) < 2 * 250ms);
}

TEST_CASE("the stamp is the time of the send and not of the deadline") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Stamp: on\r\nX-Sim-Itl: 2ms\r\n", 100));
  std::vector<Duration> behind;
  while (behind.size() < 100 && client.receive()) {
    const std::int64_t received = now_ns();
    const auto all = stamps(client.buffer());
    while (behind.size() < all.size()) {
      behind.emplace_back(received - all[behind.size()]);
      CHECK(behind.back() >= 0ms);
    }
  }
  REQUIRE(behind.size() == 100);
  CHECK(median(behind) < 2ms);
}

TEST_CASE("the time that it takes to understand a request is no part of its TTFT") {
  std::string body = chat_body(true, 1);
  body.insert(body.find("12345678"), 12'000'000, 'x');
  const WireFormat& format = wire_formats().front();
  const http::Request request{
      .method = "POST", .path = std::string(k_chat), .headers = {}, .body = body};
  const std::int64_t parse_begin = now_ns();
  REQUIRE(format.parse({.request = request, .route = format.routes.front(), .model = {}}));
  const Duration to_understand(now_ns() - parse_begin);

  const Server server = start();
  RawHttpClient client(server.port());
  client.send(post(k_chat, body, "X-Sim-Ttft: 2s\r\nX-Sim-Stamp: on\r\n"));
  const std::int64_t sent = now_ns();
  const auto first = stamps(client.read_response().body);
  REQUIRE(first.size() == 1);
  CHECK(Duration(first[0] - sent) - 2s < to_understand * 3 / 4);
}

TEST_CASE("an answer that is not streamed comes after the time of all its tokens") {
  const Server server = start();
  RawHttpClient client(server.port());
  const std::int64_t begin = now_ns();
  client.send(post(k_chat, chat_body(false, 11), "X-Sim-Ttft: 20ms\r\nX-Sim-Itl: 4ms\r\n"));
  CHECK(client.read_response().complete);
  CHECK(Duration(now_ns() - begin) >= 60ms);
}

TEST_CASE("the quantiles of the sent gaps are those of the configured distribution") {
  const Server server = start();
  const auto times = send_times(server, "X-Sim-Itl: 1ms/2ms/4ms\r\n", 500);
  REQUIRE(times.size() == 500);
  std::vector<Duration> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) {
    gaps.push_back(times[i] - times[i - 1]);
  }
  CHECK(median(gaps) > 800us);
  CHECK(median(gaps) < 1300us);
}

TEST_CASE("delays grow with the generations that run beside") {
  const Server server = start({.slots = 2, .slowdown = 2});
  RawHttpClient other(server.port());
  other.send(fast_chat("X-Sim-Fault: trickle\r\n"));
  REQUIRE(other.receive_until("data: "));
  // Two of two slots are taken: everything lasts 1 + 2 * 1 / 2 times as long.
  const auto times = send_times(server, "X-Sim-Ttft: 20ms\r\nX-Sim-Itl: 2ms\r\n", 100);
  REQUIRE(times.size() == 100);
  CHECK(times.front() >= 40ms);
  CHECK(times.back() - times.front() >= 2 * 99 * 2ms - 20ms);
}
