#include "selftest/stamp_server.hpp"

#include "fakes/eventually.hpp"
#include "fakes/raw_http_client.hpp"
#include "selftest/tls_client.hpp"

#include <doctest/doctest.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

using namespace inferometer;
using namespace std::chrono_literals;
using selftest::Pace;
using selftest::Stamp;
using selftest::StampServer;
using selftest::Wire;

namespace {

constexpr std::string_view k_request =
    "POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

std::unique_ptr<StampServer> start(Wire wire, const Pace& pace) {
  auto server = StampServer::start(wire, pace);
  REQUIRE(server);
  return *std::move(server);
}

/// Those of the events.
std::vector<Stamp> stamps_in(std::string_view text) {
  std::vector<Stamp> stamps;
  selftest::StampReader reader;
  reader.feed(text, [&](const Stamp& stamp) { stamps.push_back(stamp); });
  stamps.resize(stamps.size() - std::min(stamps.size(), selftest::k_last_stamps));
  return stamps;
}

/// Keeps the kernel's stamps on: it switches them on in the background once a socket asks for them,
/// and until then requests come without.
class KernelStamps {
 public:
  KernelStamps() {
    REQUIRE(fakes::eventually([this] {
      m_client.send(k_request);
      const std::string body = m_client.read_response().body;
      return stamps_in(body).front().asked != base::MonotonicTime{};
    }));
  }

 private:
  std::unique_ptr<StampServer> m_server =
      start(Wire::clear_text, {.events = 1, .ttft = 1ms, .gap = 1ms});
  fakes::RawHttpClient m_client{m_server->port()};
};

/// Each event was sent when it was due, or later, but not much.
void check_pace(const std::vector<Stamp>& stamps, const Pace& pace) {
  constexpr base::Duration k_patience = 5s;
  REQUIRE(stamps.size() == pace.events);
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    const base::Duration due = pace.ttft + static_cast<int>(i) * pace.gap;
    CHECK(stamps[i].asked == stamps[0].asked);
    CHECK(stamps[i].sent - stamps[i].asked >= due);
    CHECK(stamps[i].sent - stamps[i].asked < due + k_patience);
    CHECK((i == 0 || stamps[i].sent > stamps[i - 1].sent));
  }
}

}  // namespace

TEST_CASE("stamp server: events come at their pace, with stamps that lie between both ends") {
  const KernelStamps kernel_stamps;
  const Pace pace{.events = 8, .ttft = 20ms, .gap = 5ms};
  const auto server = start(Wire::clear_text, pace);
  fakes::RawHttpClient client(server->port());
  const base::MonotonicTime before = std::chrono::steady_clock::now();
  client.send(k_request);
  const fakes::RawResponse response = client.read_response();
  const base::MonotonicTime after = std::chrono::steady_clock::now();
  CHECK(response.status == 200);
  CHECK(response.complete);
  CHECK(response.headers.at("content-type") == "text/event-stream");
  const std::vector<Stamp> stamps = stamps_in(response.body);
  check_pace(stamps, pace);
  CHECK(stamps.front().asked > before);
  CHECK(stamps.back().sent < after);
}

TEST_CASE("stamp server: a connection may be used again") {
  const KernelStamps kernel_stamps;
  const Pace pace{.events = 2, .ttft = 1ms, .gap = 1ms};
  const auto server = start(Wire::clear_text, pace);
  fakes::RawHttpClient client(server->port());
  base::MonotonicTime last{};
  for (int i = 0; i < 3; ++i) {
    client.send(k_request);
    const std::vector<Stamp> stamps = stamps_in(client.read_response().body);
    check_pace(stamps, pace);
    CHECK(stamps.front().asked > last);
    last = stamps.back().sent;
  }
}

TEST_CASE("stamp server: what is no request ends its connection") {
  const auto server = start(Wire::clear_text, {});
  fakes::RawHttpClient client(server->port());
  client.send("POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n");
  CHECK(client.receive_all());
  CHECK(client.buffer().empty());
}

TEST_CASE("stamp server: OpenSSL trusts its certificate for its address and no other") {
  const KernelStamps kernel_stamps;
  const Pace pace{.events = 3, .ttft = 1ms, .gap = 1ms};
  const auto server = start(Wire::tls, pace);
  const std::string answer = fakes::get_over_tls(server->port(), server->ca_file(), "127.0.0.1");
  check_pace(stamps_in(answer), pace);
  CHECK(fakes::get_over_tls(server->port(), server->ca_file(), "127.0.0.2").empty());
  const auto other = start(Wire::tls, pace);
  CHECK(fakes::get_over_tls(server->port(), other->ca_file(), "127.0.0.1").empty());
}

TEST_CASE("stamp server: many connections are served at once") {
  const KernelStamps kernel_stamps;
  const Pace pace{.events = 20, .ttft = 50ms, .gap = 10ms};
  const auto server = start(Wire::clear_text, pace);
  std::vector<fakes::RawHttpClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(server->port()).send(k_request);
  }
  const base::MonotonicTime asked = std::chrono::steady_clock::now();
  for (fakes::RawHttpClient& client : clients) {
    check_pace(stamps_in(client.read_response().body), pace);
  }
  // One after the other they would take 48 seconds.
  CHECK(std::chrono::steady_clock::now() - asked < 20s);
}

TEST_CASE("stamp server: a client that does not read delays its own events, not their stamps") {
  // More than the buffers of both ends can grow to.
  const Pace pace{.events = 60'000, .ttft = 0ms, .gap = 0ms};
  const auto server = start(Wire::clear_text, pace);
  fakes::RawHttpClient client(server->port());
  client.send(k_request);
  int unread = 0;
  CHECK(fakes::eventually(
      [&] {
        const int before = std::exchange(unread, 0);
        ioctl(client.fd(), FIONREAD, &unread);
        return unread > 0 && unread == before;
      },
      20s, 20ms));
  const base::MonotonicTime begun = std::chrono::steady_clock::now();
  CHECK(client.receive_until("\r\n0\r\n\r\n"));
  const std::vector<Stamp> stamps = stamps_in(client.buffer());
  REQUIRE(stamps.size() == pace.events);
  CHECK(stamps.front().sent < begun);
  CHECK(stamps.back().sent > begun);
}

TEST_CASE("stamp server: it can go while clients wait") {
  auto server = start(Wire::clear_text, {.events = 2, .ttft = 1h, .gap = 1h});
  fakes::RawHttpClient client(server->port());
  client.send(k_request);
  CHECK(client.receive_until("\r\n\r\n"));
  server.reset();
  CHECK(client.receive_all());
}
