#include "fakes/eventually.hpp"
#include "http/head.hpp"
#include "http/server.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using inferometer::fakes::eventually;
using inferometer::http::Lane;
using inferometer::http::Limits;
using inferometer::http::path_of;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::http::Server;
using inferometer::http::test::Answer;
using inferometer::http::test::Client;
using inferometer::http::test::get;
using inferometer::http::test::k_patience;
using inferometer::http::test::parse_answer;

namespace {

Lane lane_of(std::string_view head) {
  const std::string_view path = path_of(head);
  return path == "/urgent" ? Lane::urgent : path == "/wait" ? Lane::waiting : Lane::page;
}

/// A server whose /block and /wait hold their threads until `let_go`, or until their clients have
/// left; the rest is answered at once.
class HeldServer {
 public:
  explicit HeldServer(const Limits& limits) {
    auto started = Server::start(
        {"127.0.0.1:0"}, [this](const Request& request) { return respond(request); }, lane_of,
        limits);
    REQUIRE(started);
    m_server = *std::move(started);
  }
  HeldServer(const HeldServer&) = delete;
  HeldServer& operator=(const HeldServer&) = delete;
  ~HeldServer() { let_go(); }

  [[nodiscard]] std::uint16_t port() const { return m_server->ports().at(0); }
  [[nodiscard]] int pages() const { return m_pages; }
  [[nodiscard]] int cancelled() const { return m_cancelled; }
  void stop() { m_server->stop(); }

  void await_held(int count) const {
    REQUIRE(eventually([&] { return m_held >= count; }, k_patience));
  }
  void await_cancelled(int count) const {
    REQUIRE(eventually([&] { return m_cancelled >= count; }, k_patience));
  }
  void let_go() {
    const std::lock_guard lock(m_mutex);
    m_free = true;
    m_changed.notify_all();
  }

 private:
  Response respond(const Request& request) {
    Response response;
    if (request.path == "/block" || request.path == "/wait") {
      ++m_held;
      const std::stop_callback left(request.clients_left, [this] {
        const std::lock_guard lock(m_mutex);
        m_changed.notify_all();
      });
      std::unique_lock lock(m_mutex);
      m_changed.wait(lock, [&] { return m_free || request.clients_left.stop_requested(); });
      m_cancelled += request.clients_left.stop_requested() ? 1 : 0;
    } else if (request.path != "/urgent") {
      ++m_pages;
    }
    response.body = request.path + " done";
    return response;
  }

  std::mutex m_mutex;
  std::condition_variable m_changed;
  bool m_free = false;
  std::atomic<int> m_held{0};
  std::atomic<int> m_cancelled{0};
  std::atomic<int> m_pages{0};
  std::unique_ptr<Server> m_server;
};

Limits with_one_thread() {
  Limits limits;
  limits.threads = 1;
  limits.waiting_threads = 2;
  return limits;
}

Client client_that_asked(std::uint16_t port, const std::string& target) {
  Client client(port);
  client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
  return client;
}

/// Until the server has taken all that was sent before: it takes heads in the order of connections.
void await_turn(std::uint16_t port) {
  for (int i = 0; i < 3; ++i) {
    CHECK(get(port, "/urgent").body == "/urgent done");
  }
}

}  // namespace

TEST_CASE("no page is made for clients that left while it waited") {
  HeldServer served(with_one_thread());
  const Client block = client_that_asked(served.port(), "/block");
  served.await_held(1);
  std::vector<Client> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(client_that_asked(served.port(), "/page?" + std::to_string(i)));
  }
  await_turn(served.port());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    i % 2 == 0 ? clients[i].leave() : clients[i].reset();
  }
  await_turn(served.port());
  served.let_go();
  CHECK(get(served.port(), "/page?last").body == "/page done");
  CHECK(served.pages() == 1);
}

TEST_CASE("a client that only ends its own side gets the page that it waits for") {
  HeldServer served(with_one_thread());
  const Client block = client_that_asked(served.port(), "/block");
  served.await_held(1);
  Client page = client_that_asked(served.port(), "/page");
  page.half_close();
  Client wait = client_that_asked(served.port(), "/wait");
  wait.half_close();
  // Sent ahead, to tell whether the client is there.
  const std::string begin = page.read_until("HTTP/1.1 ");
  const std::string wait_begin = wait.read_until("HTTP/1.1 ");
  await_turn(served.port());
  CHECK(served.cancelled() == 0);
  served.let_go();
  CHECK(parse_answer(begin + page.read_all()).body == "/page done");
  CHECK(parse_answer(wait_begin + wait.read_all()).body == "/wait done");
}

TEST_CASE(
    "a request that ends with its connection's sending side is answered also where none waits") {
  HeldServer served(with_one_thread());
  for (const char* target : {"/page", "/urgent", "/none"}) {
    Client client(served.port());
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    client.half_close();
    CHECK(parse_answer(client.read_all()).body == std::string(target) + " done");
  }
}

TEST_CASE("what a request waits for is cancelled when its client leaves or is cut off") {
  HeldServer served(with_one_thread());
  Client leaves = client_that_asked(served.port(), "/wait");
  served.await_held(1);
  leaves.leave();
  served.await_cancelled(1);
  Client resets = client_that_asked(served.port(), "/wait");
  served.await_held(2);
  resets.reset();
  served.await_cancelled(2);
  Client page = client_that_asked(served.port(), "/block");
  served.await_held(3);
  page.leave();
  served.await_cancelled(3);
}

TEST_CASE("a request that waits is cancelled before it begins and the next one takes its place") {
  HeldServer served(with_one_thread());
  Client first = client_that_asked(served.port(), "/wait");
  const Client second = client_that_asked(served.port(), "/wait");
  served.await_held(2);
  std::vector<Client> queued;
  for (int i = 0; i < 20; ++i) {
    queued.push_back(client_that_asked(served.port(), "/wait"));
  }
  await_turn(served.port());
  Client last = client_that_asked(served.port(), "/wait");
  await_turn(served.port());
  for (Client& client : queued) {
    client.leave();
  }
  await_turn(served.port());
  first.leave();
  served.await_held(3);
  served.let_go();
  CHECK(last.read_until("/wait done").ends_with("/wait done"));
  CHECK(served.cancelled() == 1);
}

TEST_CASE("clients that share a page lose it when the last of them leaves") {
  HeldServer served(with_one_thread());
  Client block = client_that_asked(served.port(), "/block?1");
  served.await_held(1);
  Client one = client_that_asked(served.port(), "/block?2");
  Client two = client_that_asked(served.port(), "/block?2");
  await_turn(served.port());
  block.leave();
  served.await_held(2);
  one.leave();
  await_turn(served.port());
  CHECK(served.cancelled() == 1);  // the first page alone
  two.leave();
  served.await_cancelled(2);
}

TEST_CASE("requests that may wait are never shared") {
  HeldServer served(with_one_thread());
  Client one = client_that_asked(served.port(), "/wait");
  Client two = client_that_asked(served.port(), "/wait");
  served.await_held(2);
  served.let_go();
  CHECK(one.read_until("done").ends_with("/wait done"));
  CHECK(two.read_until("done").ends_with("/wait done"));
}

TEST_CASE("what is urgent is answered while all other threads are held") {
  HeldServer served(with_one_thread());
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(client_that_asked(served.port(), "/block?" + std::to_string(i)));
    clients.push_back(client_that_asked(served.port(), "/wait"));
  }
  served.await_held(3);
  CHECK(get(served.port(), "/urgent").body == "/urgent done");
}

TEST_CASE("what is urgent is answered when all connections are taken and others are told so") {
  Limits limits = with_one_thread();
  limits.connections = 16;
  limits.busy_connections = 12;
  HeldServer served(limits);
  std::vector<Client> held;
  for (int i = 0; i < 12; ++i) {
    held.push_back(client_that_asked(served.port(), "/block?" + std::to_string(i)));
  }
  served.await_held(1);
  await_turn(served.port());
  for (const char* target : {"/page", "/wait"}) {
    const Answer refused = get(served.port(), target);
    CHECK(refused.status == 503);
    CHECK(refused.has("Retry-After: 1"));
    CHECK(refused.has("Connection: close"));
  }
  std::vector<Client> silent;
  for (int i = 0; i < 50; ++i) {
    silent.emplace_back(served.port());
    CHECK(get(served.port(), "/urgent").body == "/urgent done");
  }
  served.let_go();
  for (Client& client : held) {
    CHECK(client.read_until("done").ends_with("/block done"));  // no client was cut off
  }
}

TEST_CASE("a request at work is cancelled when the server stops and its time is over") {
  Limits limits;
  limits.shutdown = 100ms;
  HeldServer served(limits);
  const Client wait = client_that_asked(served.port(), "/wait");
  const Client block = client_that_asked(served.port(), "/block");
  served.await_held(2);
  served.stop();
  CHECK(served.cancelled() == 2);
}
