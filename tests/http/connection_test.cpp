#include "http/connection.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

using inferometer::fakes::at;
using namespace std::chrono_literals;
using inferometer::base::Descriptor;
using inferometer::base::MonotonicTime;
using inferometer::http::Connection;
using inferometer::http::Limits;
using inferometer::http::Stream;
using State = inferometer::http::Connection::State;

namespace {

/// Both ends of a connection; the server's end is the one under test.
struct Pair {
  Limits limits;
  Descriptor client;
  std::optional<Connection> server;

  explicit Pair(const Limits& with = {}) : limits(with) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    client = Descriptor(ends[0]);
    server.emplace(Stream(Descriptor(ends[1])), at(0s), limits);
  }

  void send(std::string_view bytes, MonotonicTime now = at(0s)) {
    REQUIRE(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
    server->on_ready(POLLIN, now);
  }

  std::string receive() {
    std::string text(1U << 20U, '\0');
    const ssize_t count = ::recv(client.get(), text.data(), text.size(), 0);
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

  bool at_end() {
    char byte = 0;
    return ::recv(client.get(), &byte, 1, 0) == 0;
  }
};

}  // namespace

TEST_CASE("a head is taken once it is complete however it is cut") {
  Pair pair;
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char c : head) {
    CHECK(!pair.server->take_head(at(0s)));
    CHECK(pair.server->events() == POLLIN);
    pair.send(std::string(1, c));
  }
  CHECK(pair.server->take_head(at(0s)) == head);
  CHECK(pair.server->state() == State::handling);
  CHECK(pair.server->events() == POLLRDHUP);
  CHECK(pair.server->deadline() == MonotonicTime::max());
  CHECK(!pair.server->take_head(at(0s)));
}

TEST_CASE("a kept connection serves the requests that came early one after the other") {
  Pair pair;
  pair.send("one\r\n\r\ntwo\r\n\r\nthr");
  CHECK(pair.server->take_head(at(0s)) == "one\r\n\r\n");
  pair.server->reply({"1", {}, true}, at(1s));
  CHECK(pair.server->take_head(at(1s)) == "two\r\n\r\n");
  pair.server->reply({"2", {}, true}, at(2s));
  CHECK(pair.receive() == "12");
  CHECK(!pair.server->take_head(at(2s)));
  // Part of the third has come, so it is not idle.
  CHECK(pair.server->deadline() == at(2s) + pair.limits.head);
  pair.send("ee\r\n\r\n", at(3s));
  CHECK(pair.server->take_head(at(3s)) == "three\r\n\r\n");
}

TEST_CASE("trickling bytes does not extend the time for a head") {
  Pair pair;
  CHECK(pair.server->deadline() == at(0s) + pair.limits.head);
  pair.send("G", at(5s));
  pair.send("E", at(9s));
  CHECK(pair.server->deadline() == at(0s) + pair.limits.head);
}

TEST_CASE("an idle connection has its own deadline until the next request begins") {
  Pair pair;
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  pair.server->reply({"1", {}, true}, at(1s));
  CHECK(pair.server->deadline() == at(1s) + pair.limits.idle);
  pair.send("t", at(20s));
  CHECK(pair.server->deadline() == at(20s) + pair.limits.head);
  pair.send("w", at(21s));
  CHECK(pair.server->deadline() == at(20s) + pair.limits.head);
}

TEST_CASE("a head that is too long is refused without waiting for its end") {
  Limits limits;
  limits.head_bytes = 100;
  Pair pair(limits);
  pair.send(std::string(101, 'x'));
  CHECK(!pair.server->take_head(at(0s)));
  CHECK(pair.server->state() == State::lingering);
  CHECK(pair.receive().rfind("HTTP/1.1 431 ", 0) == 0);
  CHECK(pair.at_end());

  Pair complete(limits);
  complete.send(std::string(97, 'x') + "\r\n\r\n");
  CHECK(!complete.server->take_head(at(0s)));
  CHECK(complete.receive().rfind("HTTP/1.1 431 ", 0) == 0);

  Pair longest(limits);
  longest.send(std::string(96, 'x') + "\r\n\r\n");
  CHECK(longest.server->take_head(at(0s)));
}

TEST_CASE("a client that reads nothing leaves the rest in memory until its deadline") {
  Pair pair;
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  const std::string body(8U << 20U, 'x');
  pair.server->reply({"head ", std::make_shared<const std::string>(body), true}, at(1s));
  CHECK(pair.server->state() == State::writing);
  CHECK(pair.server->events() == POLLOUT);
  CHECK(pair.server->held() != nullptr);
  CHECK(pair.server->deadline() == at(1s) + pair.limits.reply);

  std::string received;
  while (pair.server->state() == State::writing) {
    received += pair.receive();
    pair.server->on_ready(pair.server->events(), at(2s));
  }
  // Taking some of it does not extend the deadline: only its end does.
  CHECK(pair.server->deadline() == at(2s) + pair.limits.idle);
  for (std::string part = pair.receive(); !part.empty(); part = pair.receive()) {
    received += part;
  }
  CHECK(received == "head " + body);
}

TEST_CASE("a kept connection does not keep the memory of a big reply") {
  Pair pair;
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  auto body = std::make_shared<const std::string>(8U << 20U, 'x');
  const std::weak_ptr<const std::string> watched = body;
  pair.server->reply({"head ", std::move(body), true}, at(1s));
  CHECK(pair.server->held() != nullptr);
  CHECK(!watched.expired());
  while (pair.server->state() == State::writing) {
    pair.receive();
    pair.server->on_ready(pair.server->events(), at(2s));
  }
  CHECK(pair.server->state() == State::reading);
  CHECK(pair.server->held() == nullptr);
  CHECK(watched.expired());
}

TEST_CASE("the lag of a connection is the share of its time that it wasted") {
  Limits limits;
  limits.head = 10s;
  limits.idle = 100s;
  limits.reply = 30s;
  Pair pair(limits);
  CHECK(pair.server->lag(at(0s)) == 0);
  CHECK(pair.server->lag(at(5s)) == doctest::Approx(0.5));
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(5s)));
  pair.server->reply({"1", {}, true}, at(10s));
  CHECK(pair.server->lag(at(10s)) == 0);
  CHECK(pair.server->lag(at(20s)) == doctest::Approx(0.1));
}

TEST_CASE("what the kernel took of a reply at once does not count as progress") {
  Limits limits;
  limits.reply = 30s;
  Pair pair(limits);
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  pair.server->reply({"head ", std::make_shared<const std::string>(8U << 20U, 'x'), true}, at(0s));
  CHECK(pair.server->fresh(at(0s)));
  CHECK(!pair.server->fresh(at(0s) + limits.grace));
  CHECK(pair.server->lag(at(0s)) == 0);
  CHECK(pair.server->lag(at(3s)) == doctest::Approx(0.1));
  std::size_t received = 0;
  while (received < 4U << 20U) {
    received += pair.receive().size();
    pair.server->on_ready(POLLOUT, at(3s));
  }
  // About half of it in a tenth of the time.
  CHECK(pair.server->lag(at(3s)) < -0.3);
  CHECK(pair.server->lag(at(3s)) > -0.5);
  CHECK(pair.server->lag(at(27s)) > 0.3);
}

TEST_CASE("a connection that is not kept ends for the client while it may still be sending") {
  Pair pair;
  pair.send("POST\r\n\r\nunread body");
  REQUIRE(pair.server->take_head(at(0s)));
  pair.server->reply({"done", {}, false}, at(1s));
  CHECK(pair.server->state() == State::lingering);
  CHECK(pair.server->deadline() == at(1s) + pair.limits.linger);
  CHECK(pair.receive() == "done");
  CHECK(pair.at_end());
  pair.send("more body", at(2s));
  CHECK(pair.server->state() == State::lingering);
  CHECK(pair.server->deadline() == at(1s) + pair.limits.linger);
  CHECK(!pair.server->take_head(at(2s)));
  pair.client = Descriptor();
  pair.server->on_ready(pair.server->events(), at(2s));
  CHECK(pair.server->state() == State::closed);
}

TEST_CASE("a client that goes away closes the connection in every state") {
  Pair reading;
  reading.send("GE");
  reading.client = Descriptor();
  reading.server->on_ready(POLLIN, at(0s));
  CHECK(reading.server->state() == State::closed);

  Pair handling;
  handling.send("one\r\n\r\n");
  REQUIRE(handling.server->take_head(at(0s)));
  handling.client = Descriptor();
  handling.server->on_ready(POLLRDHUP | POLLHUP, at(0s));
  CHECK(handling.server->state() == State::closed);

  Pair writing;
  writing.send("one\r\n\r\n");
  REQUIRE(writing.server->take_head(at(0s)));
  writing.client = Descriptor();
  writing.server->reply({"1", {}, true}, at(0s));
  CHECK(writing.server->state() == State::closed);
}

TEST_CASE("being woken for nothing changes nothing") {
  Pair pair;
  pair.server->on_ready(0, at(1s));
  CHECK(pair.server->state() == State::reading);
  CHECK(pair.server->deadline() == at(0s) + pair.limits.head);
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(1s)));
  pair.server->on_ready(0, at(1s));
  CHECK(pair.server->state() == State::handling);
}

TEST_CASE("a client that only ends its own side gets its reply and no byte of it twice") {
  Pair pair;
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  REQUIRE(::shutdown(pair.client.get(), SHUT_WR) == 0);
  pair.server->on_ready(POLLRDHUP, at(0s));
  CHECK(pair.server->state() == State::handling);
  // Nothing to watch for any more but errors, or the loop would turn for nothing.
  CHECK(pair.server->events() == 0);
  const std::string begin = pair.receive();
  CHECK(begin == "HTTP/1.1 ");
  pair.server->reply({"HTTP/1.1 200 OK\r\n\r\n", {}, true}, at(1s));
  CHECK(begin + pair.receive() == "HTTP/1.1 200 OK\r\n\r\n");
  pair.server->on_ready(POLLIN, at(1s));
  CHECK(pair.server->state() == State::closed);
}

TEST_CASE("a client that has left is found out when it ends its own side") {
  Pair pair;
  pair.send("one\r\n\r\n");
  REQUIRE(pair.server->take_head(at(0s)));
  pair.client = Descriptor();
  pair.server->on_ready(POLLRDHUP, at(0s));
  CHECK(pair.server->state() == State::closed);
}

TEST_CASE("empty lines before a request are skipped and alone are none") {
  Pair pair;
  pair.send("\r\n\r\n\r\n\r");
  CHECK(!pair.server->take_head(at(0s)));
  pair.send("\n\r\none\r\n");
  CHECK(!pair.server->take_head(at(0s)));
  pair.send("\r\n");
  CHECK(pair.server->take_head(at(0s)) == "one\r\n\r\n");
}

TEST_CASE("a line that ends in LF alone is refused at once however it is cut") {
  for (const std::string head : {"one\n\n", "one\r\nX: y\n\r\n", "\none\r\n\r\n", "one\r\r\n\n"}) {
    CAPTURE(head);
    Pair pair;
    for (const char c : head) {
      pair.send(std::string(1, c));
      CHECK(!pair.server->take_head(at(0s)));
      if (pair.server->state() != State::reading) {
        break;
      }
    }
    CHECK(pair.receive().starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(pair.at_end());
  }
}
