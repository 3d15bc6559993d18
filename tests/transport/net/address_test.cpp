#include "transport/net/address.hpp"

#include <doctest/doctest.h>

using namespace std::string_view_literals;
using inferometer::transport::net::Address;
using inferometer::transport::net::parse_address;
using inferometer::transport::net::to_string;

TEST_CASE("address: what is an address is read without a lookup and written as people know it") {
  CHECK(to_string(parse_address("127.0.0.1", 80).value()) == "127.0.0.1:80");
  CHECK(to_string(parse_address("::1", 65535).value()) == "[::1]:65535");
  CHECK(to_string(parse_address("2001:DB8:0:0:0:0:0:A", 1).value()) == "[2001:db8::a]:1");
  CHECK(parse_address("127.0.0.1", 80)->family() == AF_INET);
  CHECK(parse_address("::ffff:127.0.0.1", 80)->family() == AF_INET6);
}

TEST_CASE("address: everything else is a name") {
  for (const auto text : {"", "localhost", "127.1", "0x7f.0.0.1", "1.2.3.4.", "1.2.3.256", "[::1]",
                          "::1%lo", "fe80::1%eth0", " 127.0.0.1", "127.0.0.1:80"}) {
    CHECK_FALSE_MESSAGE(parse_address(text, 80), text);
  }
  CHECK_FALSE(parse_address("127.0.0.1\0.example"sv, 80));
}

TEST_CASE("address: none has no text") {
  CHECK(to_string(Address()).empty());
}
