#include "sim/listener.hpp"

#include "fakes/raw_http_client.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::sim;
using inferometer::base::Descriptor;

TEST_CASE("port 0 takes a free port and its connections have no delay of their own") {
  const Descriptor socket = listen_on("127.0.0.1:0").value();
  const std::uint16_t port = bound_port(socket).value();
  CHECK(port != 0);
  const inferometer::fakes::RawHttpClient client(port);
  const Descriptor accepted = accept_from(socket);
  REQUIRE(accepted.valid());
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  CHECK(getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0);
  CHECK(no_delay == 1);
}

TEST_CASE("no connection to accept is not a reason to wait") {
  const Descriptor socket = listen_on("127.0.0.1:0").value();
  CHECK(!accept_from(socket).valid());
  CHECK(errno == EAGAIN);
}

TEST_CASE("a port in use is an error that says so and what to do") {
  const Descriptor first = listen_on("127.0.0.1:0").value();
  const std::string address = "127.0.0.1:" + std::to_string(bound_port(first).value());
  const auto second = listen_on(address);
  REQUIRE(!second);
  CHECK(second.error().message.find("cannot listen on " + address) == 0);
  CHECK(second.error().message.find("Address already in use") != std::string::npos);
  CHECK(second.error().message.find("choose another port") != std::string::npos);
}

TEST_CASE("an address that is none is an error that says how to write one") {
  for (const char* address :
       {"", "8080", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:-1", "::1:x", "no such host:80"}) {
    CAPTURE(address);
    const auto refused = listen_on(address);
    REQUIRE(!refused);
    CHECK(refused.error().message.find("host:port") != std::string::npos);
  }
}

TEST_CASE("an empty host means all addresses and brackets are for IPv6") {
  CHECK(listen_on(":0").has_value());
  const auto v6 = listen_on("[::1]:0");
  // A host may have no IPv6; that must be an error of the socket, not of the spelling.
  if (v6) {
    CHECK(bound_port(*v6).value() != 0);
  } else {
    CHECK(v6.error().message.find("write host:port") == std::string::npos);
  }
}
