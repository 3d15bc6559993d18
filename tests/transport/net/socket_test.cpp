#include "transport/net/socket.hpp"

#include "fakes/instants.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>

using inferometer::fakes::now;
using namespace inferometer::transport::net;
using namespace std::chrono_literals;
using inferometer::base::Descriptor;
using inferometer::base::Duration;
using inferometer::base::MonotonicTime;

namespace {

/// Two ends of a TCP connection over loopback: ours, and a bare one.
struct Pair {
  Pair() {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener.get(), raw, size) == 0);
    REQUIRE(listen(listener.get(), 1) == 0);
    REQUIRE(getsockname(listener.get(), raw, &size) == 0);
    Descriptor ours(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(ours.get(), raw, size) == 0);
    peer = Descriptor(accept(listener.get(), nullptr, nullptr));
    REQUIRE(peer.valid());
    socket.emplace(std::move(ours), clock);
  }

  void peer_sends(std::string_view bytes) const {
    REQUIRE(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }

  void wait_for(short events) const {
    pollfd watched{socket->descriptor(), events, 0};
    REQUIRE(poll(&watched, 1, 10'000) == 1);
  }

  std::string peer_reads(std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t read = 0;
    while (read < size) {
      const ssize_t count = recv(peer.get(), bytes.data() + read, size - read, 0);
      REQUIRE(count > 0);
      read += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  /// Waits for the stamp of the acknowledgement, which comes last.
  [[nodiscard]] Socket::Departure departure() {
    const MonotonicTime until = now() + 10s;
    while (!socket->departure().acknowledged && now() < until) {
      pollfd watched{socket->descriptor(), 0, 0};  // the error queue is always reported
      poll(&watched, 1, 100);
      socket->take_departures();
    }
    return socket->departure();
  }

  KernelClock clock;
  Descriptor peer;
  std::optional<Socket> socket;
};

}  // namespace

TEST_CASE("socket: a read has the time at which its bytes came and not that of the read") {
  Pair pair;
  const MonotonicTime before = now();
  pair.peer_sends("hello");
  const MonotonicTime after = now();
  pair.wait_for(POLLIN);
  while (now() < after + 20ms) {  // a reader that is late
  }
  std::array<char, 64> buffer{};
  const Socket::Result read = pair.socket->receive(buffer);
  CHECK(read.status == Socket::Status::done);
  CHECK(std::string_view(buffer.data(), read.bytes) == "hello");
  REQUIRE(read.stamp);
  CHECK(*read.stamp >= before);
  CHECK(*read.stamp < after + 10ms);
}

TEST_CASE("socket: segments that are read together have the stamp of the last") {
  Pair pair;
  pair.peer_sends("one");
  const MonotonicTime first = now();
  while (now() < first + 5ms) {
  }
  const MonotonicTime second = now();
  pair.peer_sends("two");
  pair.wait_for(POLLIN);
  std::array<char, 64> buffer{};
  const Socket::Result read = pair.socket->receive(buffer);
  CHECK(std::string_view(buffer.data(), read.bytes) == "onetwo");
  REQUIRE(read.stamp);
  CHECK(*read.stamp >= second);
}

TEST_CASE("socket: nothing to read, an end and a reset are told apart") {
  Pair pair;
  std::array<char, 64> buffer{};
  CHECK(pair.socket->receive(buffer).status == Socket::Status::not_now);
  shutdown(pair.peer.get(), SHUT_WR);
  pair.wait_for(POLLIN);
  CHECK(pair.socket->receive(buffer).status == Socket::Status::ended);

  Pair other;
  const linger hard{.l_onoff = 1, .l_linger = 0};
  REQUIRE(setsockopt(other.peer.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0);
  other.peer.close();
  other.wait_for(POLLIN);
  const Socket::Result read = other.socket->receive(buffer);
  CHECK(read.status == Socket::Status::failed);
  CHECK(read.error == ECONNRESET);
}

TEST_CASE("socket: the departure of a request and its acknowledgement are told") {
  Pair pair;
  for (int request = 0; request < 3; ++request) {
    pair.socket->begin_request();
    CHECK_FALSE(pair.socket->departure().first);
    const MonotonicTime before = now();
    CHECK(pair.socket->send_request("POST / HTTP/1.1\r\n\r\n", true).status ==
          Socket::Status::done);
    const Socket::Departure departure = pair.departure();
    const MonotonicTime after = now();
    REQUIRE(departure.first);
    REQUIRE(departure.last);
    REQUIRE(departure.acknowledged);
    CHECK(before <= *departure.first);
    CHECK(*departure.first == *departure.last);
    CHECK(*departure.last <= *departure.acknowledged);
    CHECK(*departure.acknowledged <= after);
    CHECK(pair.socket->any_acknowledged() == true);
    pair.peer_reads(19);
  }
}

TEST_CASE("socket: a long request departs with its first bytes and ends with its last") {
  Pair pair;
  const std::string request(400'000, 'x');
  pair.socket->begin_request();
  std::size_t sent = 0;
  std::size_t received = 0;
  while (sent < request.size()) {
    const Socket::Result result =
        pair.socket->send_request(std::string_view(request).substr(sent), true);
    REQUIRE(result.status != Socket::Status::failed);
    sent += result.bytes;
    if (result.status == Socket::Status::not_now) {
      received += pair.peer_reads(1024).size();
    }
  }
  pair.peer_reads(request.size() - received);
  const Socket::Departure departure = pair.departure();
  REQUIRE(departure.first);
  REQUIRE(departure.last);
  REQUIRE(departure.acknowledged);
  CHECK(*departure.first < *departure.last);
  CHECK(*departure.last <= *departure.acknowledged);
}

TEST_CASE("socket: what is no request leaves no stamp that would wake a loop") {
  Pair pair;
  pair.socket->begin_request();
  CHECK(pair.socket->send("PING").status == Socket::Status::done);
  pair.peer_reads(4);
  pollfd watched{pair.socket->descriptor(), POLLIN, 0};
  CHECK(poll(&watched, 1, 20) == 0);
  pair.socket->take_departures();
  CHECK_FALSE(pair.socket->departure().first);
}

TEST_CASE("socket: stamps that wait wake epoll until they are taken and are no error") {
  Pair pair;
  pair.socket->begin_request();
  pair.socket->send_request("request", true);
  pair.peer_reads(7);
  CHECK(pair.departure().acknowledged);
  pollfd watched{pair.socket->descriptor(), POLLIN, 0};
  CHECK(poll(&watched, 1, 0) == 0);
  std::array<char, 8> buffer{};
  CHECK(pair.socket->receive(buffer).status == Socket::Status::not_now);
}

TEST_CASE("socket: the kernel's figures are those of the request alone") {
  Pair pair;
  pair.socket->begin_request();
  pair.socket->send_request("request", true);
  CHECK(pair.departure().acknowledged);
  const auto stats = pair.socket->stats();
  REQUIRE(stats);
  CHECK(stats->rtt > Duration::zero());
  CHECK(stats->min_rtt > Duration::zero());
  CHECK(stats->min_rtt <= stats->rtt + 1ms);
  CHECK(stats->retransmissions == 0);
  CHECK(stats->out_of_order == 0);
  pair.socket->begin_request();
  CHECK(pair.socket->any_acknowledged() == false);
}

TEST_CASE("socket: a request that a closed peer never took is not acknowledged") {
  Pair pair;
  pair.peer.close();
  pair.socket->begin_request();
  pair.socket->send_request("request", true);  // is answered by a reset
  std::array<char, 8> buffer{};
  pair.wait_for(POLLIN);
  CHECK(pair.socket->receive(buffer).status != Socket::Status::done);
  CHECK(pair.socket->any_acknowledged() == false);
}

TEST_CASE("kernel clock: wall time becomes monotonic time to a microsecond") {
  KernelClock clock;
  for (int i = 0; i < 100; ++i) {
    const MonotonicTime before = now();
    timespec wall{};
    clock_gettime(CLOCK_REALTIME, &wall);
    const MonotonicTime after = now();
    const auto converted = clock.to_monotonic(wall);
    REQUIRE(converted);
    CHECK(*converted >= before - 2us);
    CHECK(*converted <= after + 2us);
  }
}
