#include "http/event_loop.hpp"

#include "base/listen.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using inferometer::base::listen_on;
using inferometer::http::EventLoop;
using inferometer::http::Lane;
using inferometer::http::Limits;
using inferometer::http::Reply;
using inferometer::http::Responder;
using inferometer::http::test::Client;
using inferometer::http::test::k_patience;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto k_prompt = 100ms;

const std::string k_request = "quick\r\n\r\n";
const std::string k_big_reply(8U << 20U, 'x');

/// Answers "quick" at once, "big" with more than socket buffers hold, "close" without keeping the
/// connection; "wait" waits for `let_go`.
struct Served {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  bool let_go_before = false;
  std::atomic<int> waiting{0};
  std::atomic<int> finished{0};
  std::atomic<int> made{0};  // replies to what says "same"
  std::uint16_t port = 0;
  std::unique_ptr<EventLoop> loop;

  explicit Served(const Limits& limits = {}) {
    auto listeners = listen_on({"127.0.0.1:0"}, "");
    REQUIRE(listeners);
    port = listeners->at(0).port;
    loop = std::make_unique<EventLoop>(
        std::move(*listeners),
        [this](std::string_view head, const std::stop_token&) { return respond(head); },
        [](std::string_view head) { return head.starts_with("wait") ? Lane::waiting : Lane::page; },
        limits);
  }

  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() { let_go(); }

  void let_go() {
    if (!std::exchange(let_go_before, true)) {
      release.set_value();
    }
  }

  Reply respond(std::string_view head) {
    if (head.rfind("big", 0) == 0) {
      return {{}, std::make_shared<const std::string>(k_big_reply), true};
    }
    if (head.rfind("wait", 0) == 0) {
      ++waiting;
      released.wait();
      ++finished;
      return {"wai", std::make_shared<const std::string>("ted"), true};
    }
    if (head.rfind("throw", 0) == 0) {
      throw std::runtime_error("broken");
    }
    if (head.find("block") != std::string_view::npos) {
      released.wait();
    }
    made += head.find("same") != std::string_view::npos ? 1 : 0;
    return {"done", {}, head.rfind("close", 0) != 0};
  }

  void await_waiting(int count) const {
    const auto deadline = SteadyClock::now() + k_patience;
    while (waiting < count) {
      REQUIRE(SteadyClock::now() < deadline);
      std::this_thread::yield();
    }
  }
};

/// The quickest of some requests, each on a connection of its own: one may meet a busy machine.
SteadyClock::duration time_of_request(std::uint16_t port) {
  auto best = SteadyClock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto begin = SteadyClock::now();
    Client client(port);
    client.send(k_request);
    CHECK(client.read_until("done") == "done");
    best = std::min(best, SteadyClock::now() - begin);
  }
  return best;
}

std::vector<Client> clients_that_sent(std::uint16_t port, std::size_t count, const char* bytes,
                                      int receive_buffer = 0) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port, receive_buffer);
    REQUIRE(clients.back().send(bytes));
  }
  return clients;
}

}  // namespace

TEST_CASE("a scrape does not wait for clients that send or read or do nothing") {
  Served served;
  const auto silent = clients_that_sent(served.port, 64, "");
  const auto half = clients_that_sent(served.port, 64, "quick\r\n");
  const auto idle = clients_that_sent(served.port, 64, k_request.c_str());
  const auto deaf = clients_that_sent(served.port, 64, "big\r\n\r\n", 4096);
  const auto took = time_of_request(served.port);
  CAPTURE(took.count());
  CHECK(took <= k_prompt);
}

TEST_CASE("a scrape does not wait for requests that take long") {
  Served served;
  const auto slow = clients_that_sent(served.port, 32, "wait\r\n\r\n");
  served.await_waiting(32);
  CHECK(time_of_request(served.port) <= k_prompt);
  served.let_go();
}

TEST_CASE("requests beyond the threads wait for their turn and are all answered") {
  Limits limits;
  limits.threads = 1;
  limits.waiting_threads = 2;
  Served served(limits);
  auto clients = clients_that_sent(served.port, 20, "wait\r\n\r\n");
  served.await_waiting(2);
  served.let_go();
  for (Client& client : clients) {
    CHECK(client.read_until("waited") == "waited");
  }
}

TEST_CASE("one connection carries many requests also when they come at once") {
  Served served;
  Client client(served.port);
  for (int i = 0; i < 100; ++i) {
    client.send(k_request);
    REQUIRE(client.read_until("done") == "done");
  }
  client.send(k_request + k_request + k_request + "close\r\n\r\n" + k_request);
  CHECK(client.read_all() == "donedonedonedone");
}

TEST_CASE("a big reply arrives whole") {
  Served served;
  Client client(served.port);
  client.send("big\r\n\r\nclose\r\n\r\n");
  CHECK(client.read_all() == k_big_reply + "done");
}

TEST_CASE("a head that does not end in time costs its connection") {
  Limits limits;
  limits.head = 300ms;
  Served served(limits);
  Client silent(served.port);
  Client half(served.port);
  half.send("qui");
  const auto begin = SteadyClock::now();
  CHECK(silent.read_all().empty());
  CHECK(half.read_all().empty());
  CHECK(SteadyClock::now() - begin < k_patience / 2);

  // A byte now and then does not help.
  Client trickle(served.port);
  send_until_reset(trickle);
}

TEST_CASE("a client that stays idle or does not read its reply costs its connection") {
  Limits limits;
  limits.idle = 200ms;
  limits.reply = 200ms;
  Served served(limits);
  Client idle(served.port);
  idle.send(k_request);
  CHECK(idle.read_all() == "done");
  Client deaf(served.port, 4096);
  deaf.send("big\r\n\r\n");
  send_until_reset(deaf);
}

TEST_CASE("a flood of connections cuts off those that have waited longest") {
  Limits limits;
  limits.connections = 8;
  Served served(limits);
  auto first = clients_that_sent(served.port, 8, "");
  auto second = clients_that_sent(served.port, 8, "");
  for (Client& client : first) {
    CHECK(client.read_all().empty());
  }
  for (Client& client : second) {
    client.send("close\r\n\r\n");
    CHECK(client.read_all() == "done");
  }
}

TEST_CASE("a reply that is taken at a good pace is not cut off for a new connection") {
  Limits limits;
  limits.connections = 1;
  Served served(limits);
  Client reading(served.port, 4096);
  reading.send("big\r\n\r\n");
  std::string half(k_big_reply.size() / 2, '\0');
  REQUIRE(::recv(reading.fd(), half.data(), half.size(), MSG_WAITALL) ==
          static_cast<ssize_t>(half.size()));
  Client late(served.port);
  CHECK(late.read_all().empty());
  reading.send("close\r\n\r\n");
  CHECK(reading.read_all().size() == k_big_reply.size() - half.size() + 4);
}

TEST_CASE("a request at work is never cut off for a newer connection") {
  Limits limits;
  limits.connections = 2;
  Served served(limits);
  auto working = clients_that_sent(served.port, 2, "wait\r\n\r\n");
  served.await_waiting(2);
  Client late(served.port);
  CHECK(late.read_all().empty());
  served.let_go();
  for (Client& client : working) {
    CHECK(client.read_until("waited") == "waited");
  }
}

TEST_CASE("replies that are not read are bounded in memory and the slowest reader is cut off") {
  Limits limits;
  limits.unsent_bytes = 2 * k_big_reply.size();
  Served served(limits);
  std::vector<Client> deaf;
  for (int i = 0; i < 4; ++i) {
    deaf.emplace_back(served.port, 4096);
    deaf.back().send("big\r\n\r\n");
    // The reply has begun, so the order of their deadlines is known.
    deaf.back().read_until("x");
  }
  CHECK(deaf.front().read_until(k_big_reply).size() < k_big_reply.size());
  deaf.back().send("close\r\n\r\n");
  CHECK(deaf.back().read_all().size() > k_big_reply.size() / 2);
  CHECK(time_of_request(served.port) <= k_patience);
}

TEST_CASE("a single reply may be larger than the bound") {
  Limits limits;
  limits.unsent_bytes = 1;
  Served served(limits);
  Client client(served.port, 4096);
  client.send("big\r\n\r\nclose\r\n\r\n");
  CHECK(client.read_all() == k_big_reply + "done");
}

TEST_CASE("a responder that throws costs one connection and nothing else") {
  Served served;
  Client client(served.port);
  client.send("throw\r\n\r\n");
  CHECK(client.read_all().empty());
  CHECK(time_of_request(served.port) <= k_patience);
}

TEST_CASE("a client that leaves while its request is at work affects no other") {
  Served served;
  {
    const auto gone = clients_that_sent(served.port, 4, "wait\r\n\r\n");
    served.await_waiting(4);
  }
  served.let_go();
  CHECK(time_of_request(served.port) <= k_patience);
}

TEST_CASE("a client that resets while its request is at work does not keep the loop busy") {
  Served served;
  {
    const auto gone = clients_that_sent(served.port, 1, "wait\r\n\r\n");
    served.await_waiting(1);
    const linger reset{1, 0};
    ::setsockopt(gone.front().fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(500ms);  // the time in which a busy loop would burn CPU
  const std::clock_t used = std::clock() - before;
  CHECK(used < CLOCKS_PER_SEC / 10);
}

TEST_CASE("stop lets a reply under way finish and closes the listener") {
  Served served;
  Client client(served.port);
  client.send("wait\r\n\r\n");
  served.await_waiting(1);
  Client idle(served.port);
  idle.send(k_request);
  REQUIRE(idle.read_until("done") == "done");
  std::thread stopper([&] { served.loop->stop(); });
  CHECK(idle.read_all().empty());
  CHECK(listen_on({"127.0.0.1:" + std::to_string(served.port)}, ""));
  served.let_go();
  CHECK(client.read_all() == "waited");
  stopper.join();
  served.loop->stop();
}

TEST_CASE("stop does not wait for clients that hang") {
  Limits limits;
  limits.shutdown = 300ms;
  Served served(limits);
  const auto silent = clients_that_sent(served.port, 8, "");
  const auto half = clients_that_sent(served.port, 8, "qui");
  const auto deaf = clients_that_sent(served.port, 8, "big\r\n\r\n", 4096);
  CHECK(time_of_request(served.port) <= k_patience);
  const auto begin = SteadyClock::now();
  served.loop->stop();
  CHECK(SteadyClock::now() - begin < limits.shutdown + 3s);
}

TEST_CASE("stop waits for a responder that still runs though its client is cut off") {
  Limits limits;
  limits.shutdown = 100ms;
  Served served(limits);
  Client client(served.port);
  client.send("wait\r\n\r\n");
  served.await_waiting(1);
  std::thread releaser([&] {
    CHECK(client.read_all().empty());
    served.let_go();
  });
  served.loop->stop();
  CHECK(served.finished == 1);
  releaser.join();
}

TEST_CASE("stop is quick without clients") {
  Served served;
  const auto begin = SteadyClock::now();
  served.loop->stop();
  CHECK(SteadyClock::now() - begin < Limits().shutdown / 2);
}

TEST_CASE("clients that wait for the same share one reply, unless it changes something") {
  Limits limits;
  limits.threads = 1;
  Served served(limits);
  Client first(served.port);
  first.send("GET /block\r\n\r\n");
  std::vector<Client> clients;
  for (const char* const request :
       {"GET /same\r\n\r\n", "GET /same\r\n\r\n", "GET /same?\r\n\r\n", "GET /same\r\n\r\n",
        "POST /same\r\n\r\n", "POST /same\r\n\r\n"}) {
    clients.emplace_back(served.port).send(request);
  }
  // The loop takes requests in the order of their connections: it has all of them now.
  Client last(served.port);
  last.send("wait\r\n\r\n");
  served.await_waiting(1);
  served.let_go();
  CHECK(first.read_until("done") == "done");
  for (Client& client : clients) {
    CHECK(client.read_until("done") == "done");
  }
  CHECK(served.made == 4);
}
