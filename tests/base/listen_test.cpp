#include "base/listen.hpp"

#include "fakes/ipv6.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

using inferometer::base::accept_from;
using inferometer::base::Descriptor;
using inferometer::fakes::connects_over_ipv6;
using inferometer::fakes::machine_has_ipv6;
using inferometer::http::test::Client;

namespace {

auto listen_on(const std::vector<std::string>& addresses) {
  return inferometer::base::listen_on(addresses, "--address");
}

std::string error_of(const std::vector<std::string>& addresses) {
  const auto listeners = listen_on(addresses);
  return listeners ? "no error" : listeners.error().message;
}

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  ::getsockopt(fd, SOL_SOCKET, name, &value, &size);
  return value;
}

}  // namespace

TEST_CASE("port 0 takes a free port and says which") {
  const auto listeners = listen_on({"127.0.0.1:0", "127.0.0.1:0"});
  REQUIRE(listeners);
  REQUIRE(listeners->size() == 2);
  CHECK(listeners->at(0).port != 0);
  CHECK(listeners->at(0).port != listeners->at(1).port);
  CHECK(listeners->at(0).address == "127.0.0.1:" + std::to_string(listeners->at(0).port));
  const Client client(listeners->at(1).port);
}

TEST_CASE("a port is never shared with another listener") {
  const auto first = listen_on({"127.0.0.1:0"});
  REQUIRE(first);
  const std::string& address = first->at(0).address;
  CHECK(option(first->at(0).socket.get(), SO_REUSEPORT) == 0);
  CHECK(option(first->at(0).socket.get(), SO_REUSEADDR) == 1);
  CHECK(error_of({address}) == "cannot listen on " + address +
                                   ": address already in use: stop the other process or choose "
                                   "another --address");
  // A name must not slip past it to the other family either, nor the wildcard of both.
  const std::string port = std::to_string(first->at(0).port);
  CHECK(error_of({"localhost:" + port}).find("already in use") != std::string::npos);
  CHECK(error_of({":" + port}).find("already in use") != std::string::npos);
}

TEST_CASE("a port is free again at once after its listener closed") {
  std::string address;
  {
    const auto listeners = listen_on({"127.0.0.1:0"});
    REQUIRE(listeners);
    address = listeners->at(0).address;
    const Client client(listeners->at(0).port);
    // Accepted and closed first by this side: it is the one that is left in TIME_WAIT.
    const Descriptor accepted(::accept(listeners->at(0).socket.get(), nullptr, nullptr));
    REQUIRE(accepted.get() >= 0);
  }
  CHECK(listen_on({address}));
}

TEST_CASE("a port alone means all interfaces of both families") {
  const auto listeners = listen_on({":0"});
  REQUIRE(listeners);
  const Client over_ipv4(listeners->at(0).port);
  CHECK(over_ipv4.fd() >= 0);
  if (machine_has_ipv6()) {
    CHECK(connects_over_ipv6(listeners->at(0).port));
  } else {
    MESSAGE("this machine has no IPv6");
  }
}

TEST_CASE("an accepted connection sends small writes at once and never blocks") {
  const auto listeners = listen_on({"127.0.0.1:0"});
  REQUIRE(listeners);
  const Client client(listeners->at(0).port);
  const Descriptor accepted = accept_from(listeners->at(0));
  REQUIRE(accepted.valid());
  int no_delay = 0;
  socklen_t size = sizeof(no_delay);
  CHECK(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0);
  CHECK(no_delay == 1);
  CHECK((::fcntl(accepted.get(), F_GETFL) & O_NONBLOCK) != 0);
}

TEST_CASE("no connection to accept is not a reason to wait") {
  const auto listeners = listen_on({"127.0.0.1:0"});
  REQUIRE(listeners);
  CHECK(!accept_from(listeners->at(0)).valid());
  CHECK(errno == EAGAIN);
}

TEST_CASE("localhost is this host whether or not a resolver knows it") {
  const auto listeners = listen_on({"localhost:0"});
  REQUIRE(listeners);
  const Client client(listeners->at(0).port);
  CHECK(client.fd() >= 0);
}

TEST_CASE("IPv6 is written in brackets") {
  if (machine_has_ipv6()) {
    const auto listeners = listen_on({"[::1]:0"});
    REQUIRE(listeners);
    CHECK(listeners->at(0).address == "[::1]:" + std::to_string(listeners->at(0).port));
  } else {
    MESSAGE("this machine has no IPv6");
  }
  CHECK(error_of({"::1:0"}).find("write host:port, [ipv6]:port or :port") != std::string::npos);
}

TEST_CASE("what is no address is refused with the forms that are") {
  for (const std::string& address :
       {std::string(), std::string("9840"), std::string("localhost"), std::string("localhost:"),
        std::string("localhost:http"), std::string("localhost:65536"), std::string("localhost:-1"),
        std::string("localhost: 1"), std::string("[]:1"), std::string("[::1]"),
        std::string("[::1]1"), std::string("::1"), std::string("[localhost]:1"),
        std::string("http://localhost:1")}) {
    CAPTURE(address);
    CHECK(error_of({address}) ==
          "cannot listen on \"" + address + "\": write host:port, [ipv6]:port or :port");
  }
}

TEST_CASE("an address that cannot be had is refused with the reason") {
  CHECK(error_of({"no-such-host.invalid:0"})
            .rfind("cannot listen on no-such-host.invalid:0: the name does not resolve: ", 0) == 0);
  CHECK(error_of({"192.0.2.1:0"}) ==
        "cannot listen on 192.0.2.1:0: no interface of this machine has this address: choose "
        "another --address");
}

TEST_CASE("one bad address among good ones is an error and leaves nothing open") {
  const auto free = listen_on({"127.0.0.1:0"});
  REQUIRE(free);
  const std::string taken = free->at(0).address;
  std::string other;
  {
    const auto listener = listen_on({"127.0.0.1:0"});
    REQUIRE(listener);
    other = listener->at(0).address;
  }
  CHECK(error_of({other, taken}).rfind("cannot listen on " + taken, 0) == 0);
  CHECK(listen_on({other}));
}
