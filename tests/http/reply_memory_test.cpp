#include "fakes/allocations.hpp"
#include "http/page_server.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using inferometer::fakes::big_block_bytes;
using inferometer::fakes::forget_peak;
using inferometer::fakes::peak_big_block_bytes;
using inferometer::http::Limits;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::http::test::Client;
using inferometer::http::test::get;
using inferometer::http::test::k_page_end;
using inferometer::http::test::k_patience;
using inferometer::http::test::PageServer;

namespace {

constexpr std::size_t k_page_bytes = 4U << 20U;  // more than the buffers of a socket hold
constexpr int k_small_buffer = 4096;
const std::string k_scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// Each has a request of its own, as those who ask the same share a page.
std::vector<Client> deaf_scrapers(std::uint16_t port, std::size_t count) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port, k_small_buffer)
        .send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Number: " + std::to_string(i) + "\r\n\r\n");
  }
  return clients;
}

/// What the kernel holds of what the server sent and its clients have not taken, in bytes.
std::size_t kernel_bytes(std::uint16_t port) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the names of the columns
  std::size_t bytes = 0;
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    std::string queues;
    fields >> number >> local >> remote >> state >> queues;
    if (local.size() > 5 && std::stoul(local.substr(local.size() - 4), nullptr, 16) == port) {
      bytes += std::stoul(queues.substr(0, queues.find(':')), nullptr, 16);
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("many clients that ask at once and do not read get their pages in bounded memory") {
  Limits limits;
  limits.threads = 3;
  limits.unsent_bytes = 2 * k_page_bytes;
  limits.grace = std::chrono::milliseconds(1);
  PageServer served(k_page_bytes, limits);
  forget_peak();
  const std::size_t before = big_block_bytes();
  const auto deaf = deaf_scrapers(served.port(), 100);
  served.await_pages(deaf.size());
  const std::size_t slack = k_page_bytes / 2;
  CHECK(peak_big_block_bytes() - before <=
        limits.unsent_bytes + limits.threads * k_page_bytes + slack);
  CHECK(get(served.port(), "/metrics").body.size() == k_page_bytes);
}

TEST_CASE("no reply is begun while those that wait for readers take all the memory") {
  Limits limits;
  limits.unsent_bytes = k_page_bytes;
  limits.grace = k_patience;
  PageServer served(k_page_bytes, limits);
  auto deaf = deaf_scrapers(served.port(), 1);
  served.await_pages(1);
  deaf.emplace_back(served.port(), k_small_buffer).send(k_scrape);
  served.await_pages(2);
  // Both wait for their readers once they are seen to have begun, and leave no room for a third.
  for (Client& client : deaf) {
    client.read_until("x");
  }
  Client third(served.port());
  third.send(k_scrape);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the time in which it might begin
  CHECK(served.pages() == 2);
  // A reader that takes its reply makes room.
  CHECK(deaf.front().read_until(k_page_end).ends_with(k_page_end));
  CHECK(third.read_until(k_page_end).size() > k_page_bytes);
}

TEST_CASE("a scrape that makes progress is never cut off for those that do not") {
  Limits limits;
  limits.unsent_bytes = 2 * k_page_bytes;
  PageServer served(k_page_bytes, limits);
  std::atomic<bool> done{false};
  std::thread flood([&] {
    std::vector<Client> deaf;
    while (!done) {
      const std::size_t before = served.pages();
      deaf.emplace_back(served.port(), k_small_buffer).send(k_scrape);
      served.await_pages(before + 1);
    }
  });
  std::size_t whole = 0;
  constexpr std::size_t k_scrapes = 10;
  for (std::size_t i = 0; i < k_scrapes; ++i) {
    whole += get(served.port(), "/metrics").body.size() == k_page_bytes ? 1U : 0U;
  }
  done = true;
  flood.join();
  CHECK(whole == k_scrapes);
}

TEST_CASE("the oldest reader stays where it makes progress and newer ones do not") {
  Limits limits;
  limits.unsent_bytes = 2 * k_page_bytes;
  limits.grace = std::chrono::milliseconds(1);
  PageServer served(k_page_bytes, limits);
  auto reading = deaf_scrapers(served.port(), 1);
  std::string half(k_page_bytes / 2, '\0');
  REQUIRE(::recv(reading.front().fd(), half.data(), half.size(), MSG_WAITALL) ==
          static_cast<ssize_t>(half.size()));
  const auto deaf = deaf_scrapers(served.port(), 12);
  served.await_pages(1 + deaf.size());
  reading.front().send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(reading.front().read_all().ends_with("hello"));
}

TEST_CASE("the kernel takes little of a page for a client that does not read") {
  PageServer served(k_page_bytes);
  auto deaf = deaf_scrapers(served.port(), 1);
  deaf.front().read_until("x");
  const std::size_t bytes = kernel_bytes(served.port());
  CHECK(bytes > 0);
  CHECK(bytes <= 512U << 10U);
}

TEST_CASE("readers who share a page share its memory") {
  std::promise<void> release;
  const auto blocking = [released = release.get_future().share()](const Request& request) {
    if (request.path == "/block") {
      released.wait();
    }
    return Response();
  };
  Limits limits;
  limits.threads = 1;
  PageServer served(k_page_bytes, limits, blocking);
  Client busy(served.port());
  busy.send("GET /block HTTP/1.1\r\nHost: x\r\n\r\n");
  std::vector<Client> deaf;
  for (std::size_t i = 0; i < 50; ++i) {
    deaf.emplace_back(served.port(), k_small_buffer).send(k_scrape);
  }
  // The loop takes requests in the order of their connections: this is the last one.
  Client last(served.port());
  last.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(last.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  const std::size_t before = big_block_bytes();
  release.set_value();
  for (Client& client : deaf) {
    CHECK(client.read_until("x").ends_with("x"));  // no client was cut off
  }
  CHECK(served.pages() == 1);
  CHECK(big_block_bytes() - before <= k_page_bytes + k_page_bytes / 2);
}
