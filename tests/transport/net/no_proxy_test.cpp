#include "transport/net/no_proxy.hpp"

#include <doctest/doctest.h>

using inferometer::transport::net::is_excepted;

TEST_CASE("no_proxy: a name stands for itself and all names below it") {
  for (const auto list : {"example.com", ".example.com", "Example.COM", "a, example.com ,b",
                          "example.com.", "example.com:8080", "a,,example.com"}) {
    CAPTURE(list);
    CHECK(is_excepted(list, "example.com"));
    CHECK(is_excepted(list, "api.v1.example.com"));
    CHECK(is_excepted(list, "example.com."));
    CHECK_FALSE(is_excepted(list, "badexample.com"));
    CHECK_FALSE(is_excepted(list, "example.com.evil"));
    CHECK_FALSE(is_excepted(list, "com"));
  }
  CHECK(is_excepted(".svc,localhost", "vllm.llm.svc"));
  CHECK_FALSE(is_excepted("api.example.com", "example.com"));
}

TEST_CASE("no_proxy: a star stands for all, and for nothing within an entry") {
  CHECK(is_excepted("*", "example.com"));
  CHECK(is_excepted("a, *", "::1"));
  CHECK_FALSE(is_excepted("*.com", "example.com"));
}

TEST_CASE("no_proxy: nothing stands for nothing") {
  for (const auto list : {"", ",", " , ,", ".", ":", ":80", "..", "/", "/8"}) {
    CHECK_FALSE_MESSAGE(is_excepted(list, "example.com"), list);
    CHECK_FALSE_MESSAGE(is_excepted(list, "10.0.0.1"), list);
    CHECK_FALSE_MESSAGE(is_excepted(list, "::1"), list);
  }
}

TEST_CASE("no_proxy: an address stands for itself, however it is written") {
  CHECK(is_excepted("127.0.0.1", "127.0.0.1"));
  CHECK(is_excepted("127.0.0.1:8000", "127.0.0.1"));
  CHECK(is_excepted("[::1]", "::1"));
  CHECK(is_excepted("[::1]:80", "::1"));
  CHECK(is_excepted("0:0:0:0:0:0:0:1", "::1"));
  CHECK(is_excepted("2001:DB8::A", "2001:db8::a"));
  CHECK(is_excepted("fe80::1", "fe80::1%eth0"));
  CHECK_FALSE(is_excepted("::2", "::1"));
  CHECK_FALSE(is_excepted("127.0.0.1", "127.0.0.10"));
  CHECK_FALSE(is_excepted("0.0.1", "127.0.0.1"));  // no domain
  CHECK_FALSE(is_excepted("127.0.0.1", "::ffff:127.0.0.1"));
}

TEST_CASE("no_proxy: networks end at any bit") {
  CHECK(is_excepted("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(is_excepted("10.0.0.0/8", "11.0.0.0"));
  CHECK(is_excepted("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(is_excepted("172.16.0.0/12", "172.32.0.0"));
  CHECK(is_excepted("10.1.2.3/8", "10.9.9.9"));  // the bits beyond do not count
  CHECK(is_excepted("192.0.2.1/32", "192.0.2.1"));
  CHECK_FALSE(is_excepted("192.0.2.1/32", "192.0.2.0"));
  CHECK(is_excepted("0.0.0.0/0", "192.0.2.1"));
  CHECK_FALSE(is_excepted("0.0.0.0/0", "::1"));
  CHECK_FALSE(is_excepted("0.0.0.0/0", "example.com"));
  CHECK(is_excepted("fd00::/7", "fc01::1"));
  CHECK(is_excepted("[fd00::]/8", "fd12::1"));
  CHECK_FALSE(is_excepted("fd00::/8", "fe00::1"));
}

TEST_CASE("no_proxy: a network that cannot be read excepts nothing") {
  for (const auto list : {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8",
                          "10.0.0.0/8/8", "10.0.0.0/99999999999999999999"}) {
    CHECK_FALSE_MESSAGE(is_excepted(list, "10.0.0.0"), list);
  }
  CHECK_FALSE(is_excepted("::/129", "::1"));
}
