#include "transport/net/socks.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::transport::net;
using namespace std::string_literals;
using inferometer::base::Secret;
using inferometer::wire::parse_url;

namespace {

SocksTunnel tunnel_to(const std::string& url, const std::string& username = "",
                      const std::string& password = "") {
  return {*parse_url(url), username, Secret(password)};
}

/// Feeds byte by byte, as a slow proxy sends.
void feed(SocksTunnel& tunnel, const std::string& bytes) {
  for (const char c : bytes) {
    CHECK(tunnel.feed({&c, 1}) == 1);
  }
}

const std::string k_connected = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"s;

}  // namespace

TEST_CASE("socks: a name is asked for by name and the bytes behind the reply are the tunnel's") {
  SocksTunnel tunnel = tunnel_to("https://api.example/v1");
  CHECK(tunnel.take_output().reveal() == "\x05\x01\x00"s);
  feed(tunnel, "\x05\x00"s);
  CHECK(tunnel.take_output().reveal() == "\x05\x01\x00\x03\x0b"s + "api.example\x01\xbb"s);
  CHECK(tunnel.state() == SocksTunnel::State::waiting);
  CHECK(tunnel.feed(k_connected + "more") == k_connected.size());
  CHECK(tunnel.state() == SocksTunnel::State::open);
  CHECK(tunnel.take_output().empty());
}

TEST_CASE("socks: addresses go as addresses") {
  SocksTunnel four = tunnel_to("http://127.0.0.1:8080/");
  feed(four, "\x05\x00"s);
  CHECK(four.take_output().reveal() == "\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x90"s);
  SocksTunnel six = tunnel_to("http://[::1]:8080/");
  feed(six, "\x05\x00"s);
  CHECK(six.take_output().reveal() ==
        "\x05\x01\x00\x04"s + std::string(15, '\0') + "\x01\x1f\x90"s);
}

TEST_CASE("socks: a password is sent where the proxy asks for it") {
  SocksTunnel tunnel = tunnel_to("https://api.example/", "user", "pass");
  CHECK(tunnel.take_output().reveal() == "\x05\x02\x00\x02"s);
  feed(tunnel, "\x05\x02"s);
  CHECK(tunnel.take_output().reveal() == "\x01\x04user\x04pass"s);
  feed(tunnel, "\x01\x00"s);
  CHECK_FALSE(tunnel.take_output().empty());
  feed(tunnel, "\x05\x00\x00\x03\x02hi\x00\x50"s);
  CHECK(tunnel.state() == SocksTunnel::State::open);
}

TEST_CASE("socks: what the proxy refuses is told in words") {
  struct Case {
    std::string username;
    std::string replies;
    std::string problem;
  };
  for (const Case& one : {
           Case{"", "HT", "does not speak SOCKS 5"},
           Case{"", "\x05\xff"s, "wants a username"},
           Case{"", "\x05\x02"s, "wants a username"},
           Case{"user", "\x05\xff"s, "takes no username"},
           Case{"user", "\x05\x02\x01\x01"s, "refused the username"},
           Case{"", "\x05\x00\x05\x05"s, "connection refused"},
           Case{"", "\x05\x00\x05\x63"s, "unknown reply"},
           Case{"", "\x05\x00\x04\x00"s + std::string(20, 'x'), "does not speak SOCKS 5"},
       }) {
    CAPTURE(one.problem);
    SocksTunnel tunnel = tunnel_to("https://api.example/", one.username, "secret");
    tunnel.feed(one.replies);
    CHECK(tunnel.state() == SocksTunnel::State::failed);
    CHECK(tunnel.problem().find(one.problem) != std::string::npos);
    CHECK(tunnel.problem().find("secret") == std::string::npos);
  }
}

TEST_CASE("socks: what does not fit the protocol fails before a byte is sent") {
  SocksTunnel tunnel = tunnel_to("https://api.example/", std::string(256, 'u'));
  CHECK(tunnel.state() == SocksTunnel::State::failed);
  CHECK(tunnel.take_output().empty());
}
