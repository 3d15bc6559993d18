#include "http/page_server.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using inferometer::http::test::Client;
using inferometer::http::test::k_page_end;
using inferometer::http::test::PageServer;
using Milliseconds = std::chrono::duration<double, std::milli>;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr Milliseconds k_bar{100};
constexpr std::size_t k_clients = 64;
constexpr std::size_t k_scrapes = 20;
constexpr int k_rounds = 3;
constexpr int k_small_buffer = 4096;
const std::string k_request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string k_scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\nUser-Agent: scraper\r\n\r\n";

/// 64 clients that never end their requests, and 64 that do not read what they asked for but for a
/// byte now and then.
struct SlowClients {
  std::vector<Client> half;
  std::vector<Client> readers;

  explicit SlowClients(std::uint16_t port) {
    for (std::size_t i = 0; i < k_clients; ++i) {
      half.emplace_back(port).send("GET /metrics HTTP/1.1\r\nHost");
      readers.emplace_back(port, k_small_buffer).send(k_request);
    }
  }

  void read_a_byte_each() {
    for (Client& reader : readers) {
      char byte = 0;
      ::recv(reader.fd(), &byte, 1, MSG_DONTWAIT);
    }
  }
};

/// What twenty scrapes took on one connection that is kept, as Prometheus does, in ascending order.
std::vector<Milliseconds> scrape(Client& client, SlowClients* slow) {
  std::vector<Milliseconds> took;
  for (std::size_t i = 0; i < k_scrapes; ++i) {
    if (slow != nullptr) {
      slow->read_a_byte_each();
    }
    const auto begin = SteadyClock::now();
    client.send(k_scrape);
    const std::string answer = client.read_until(k_page_end);
    took.emplace_back(SteadyClock::now() - begin);
    REQUIRE(answer.ends_with(k_page_end));
  }
  std::sort(took.begin(), took.end());
  return took;
}

/// Scrapes among slow clients as against scrapes alone. A machine that is busy elsewhere can spoil
/// one round; a server that waits for a slow client fails all of them.
void check_delay(std::size_t page_bytes) {
  bool kept_the_bar = false;
  for (int round = 0; round < k_rounds && !kept_the_bar; ++round) {
    PageServer served(page_bytes);
    Client scraper(served.port());
    const auto alone = scrape(scraper, nullptr);
    SlowClients slow(served.port());
    const auto among = scrape(scraper, &slow);
    const Milliseconds median_delay = among[k_scrapes / 2] - alone[k_scrapes / 2];
    const Milliseconds worst_delay = among.back() - alone[k_scrapes / 2];
    MESSAGE("alone: median " << alone[k_scrapes / 2].count() << " ms, max " << alone.back().count()
                             << " ms; among slow clients: median " << among[k_scrapes / 2].count()
                             << " ms, max " << among.back().count() << " ms");
    kept_the_bar = median_delay <= k_bar && worst_delay <= k_bar;
  }
  CHECK(kept_the_bar);
}

}  // namespace

TEST_CASE("slow clients do not delay a scrape of a megabyte by more than a tenth of a second") {
  check_delay(1U << 20U);
}

TEST_CASE("slow clients with pages of 14 MB do not delay a scrape by more than that either") {
  check_delay(14'000'000);
}
