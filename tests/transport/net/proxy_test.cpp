#include "transport/net/proxy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace inferometer::transport::proxy_test {
using namespace std::string_literals;
using namespace inferometer::transport::net;
using inferometer::base::Secret;
using inferometer::config::Proxy;
using inferometer::wire::parse_url;
using inferometer::wire::Url;
using State = Tunnel::State;

namespace {

Url url(std::string_view text) {
  return parse_url(text).value();
}

Tunnel tunnel() {
  return Tunnel(url("https://site"), Secret());
}

/// The problem of a tunnel that fails at these bytes, however they are cut.
std::string failure(const std::string& reply) {
  CAPTURE(reply);
  Tunnel whole = tunnel();
  whole.feed(reply);
  Tunnel cut = tunnel();
  for (const char c : reply) {
    cut.feed(std::string_view(&c, 1));
  }
  for (const Tunnel* one : {&whole, &cut}) {
    CHECK(one->state() == State::failed);
  }
  CHECK(whole.problem() == cut.problem());
  return whole.problem();
}

}  // namespace

TEST_CASE("proxy route: https goes through a tunnel, http is asked of the proxy") {
  const Proxy proxy{.url = "http://Proxy.example:3128"};
  const auto secure = route(proxy, url("https://api.example.com/v1"));
  REQUIRE(secure);
  REQUIRE(*secure);
  CHECK((*secure)->proxy.host == "proxy.example");
  CHECK((*secure)->proxy.port == 3128);
  CHECK((*secure)->tunnel);
  const auto plain = route(proxy, url("http://api.example.com/v1"));
  REQUIRE(plain);
  REQUIRE(*plain);
  CHECK_FALSE((*plain)->tunnel);
}

TEST_CASE("proxy route: direct where there is no proxy or the host is excepted") {
  CHECK(route(Proxy{}, url("https://a")).value() == std::nullopt);
  const Proxy proxy{.url = "http://proxy", .no_proxy = "localhost,.svc,10.0.0.0/8"};
  CHECK_FALSE(route(proxy, url("http://vllm.llm.SVC:8000")).value());
  CHECK_FALSE(route(proxy, url("http://10.1.2.3:8000")).value());
  CHECK(route(proxy, url("https://api.example.com")).value());
}

TEST_CASE("proxy route: SOCKS makes a tunnel for every scheme and has a port of its own") {
  for (const auto* const scheme : {"socks5", "socks5h"}) {
    const Proxy proxy{.url = std::string(scheme) + "://proxy"};
    for (const auto* const target : {"https://outside", "http://outside"}) {
      const auto through = route(proxy, url(target)).value();
      REQUIRE(through);
      CHECK(through->socks);
      CHECK(through->tunnel);
      CHECK(through->proxy.host == "proxy");
      CHECK(through->proxy.port == 1080);
    }
  }
  CHECK(route(Proxy{.url = "socks5://proxy:80"}, url("https://a")).value()->proxy.port == 80);
  CHECK(route(Proxy{.url = "socks5h://[::1]:9/"}, url("https://a")).value()->proxy.port == 9);
}

TEST_CASE("proxy route: a proxy that is none is an error, unless it is not needed") {
  const Proxy proxy{.url = "ftp://proxy:1080", .no_proxy = "inside"};
  const auto through = route(proxy, url("https://outside"));
  REQUIRE_FALSE(through);
  CHECK(through.error().message.find("http://") != std::string::npos);
  CHECK_FALSE(route(proxy, url("https://inside")).value());
}

TEST_CASE("proxy credentials: none without a username, else as RFC 7617 writes them") {
  CHECK(proxy_credentials(Proxy{}, Secret("unused")).empty());
  CHECK(proxy_credentials(Proxy{.username = "Aladdin"}, Secret("open sesame")).reveal() ==
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(proxy_credentials(Proxy{.username = "test"}, Secret()).reveal() == "Basic dGVzdDo=");
}

TEST_CASE("tunnel: the request names the site with its port, and carries the credentials") {
  CHECK(Tunnel(url("https://Site.example/path?q"), Secret()).request().reveal() ==
        "CONNECT site.example:443 HTTP/1.1\r\nHost: site.example:443\r\n"
        "User-Agent: inferometer/" INFEROMETER_VERSION "\r\n\r\n");
  CHECK(Tunnel(url("https://[::1]:8443"), Secret("Basic dGVzdDo=")).request().reveal() ==
        "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n"
        "Proxy-Authorization: Basic dGVzdDo=\r\n"
        "User-Agent: inferometer/" INFEROMETER_VERSION "\r\n\r\n");
}

TEST_CASE("tunnel: any 2xx opens it, and what follows the head is the tunnel's") {
  for (const std::string& head :
       {"HTTP/1.1 200 Connection established\r\n\r\n"s, "HTTP/1.0 200 OK\r\nVia: x\r\n\r\n"s,
        "HTTP/1.1 200\r\n\r\n"s, "HTTP/1.1 204 \r\n\r\n"s, "HTTP/1.1 299 \xff\n\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"s}) {
    CAPTURE(head);
    for (std::size_t cut = 0; cut <= head.size(); ++cut) {
      Tunnel one = tunnel();
      CHECK(one.feed(head.substr(0, cut)) == cut);
      CHECK((one.state() == State::open) == (cut == head.size()));
      CHECK(one.feed(head.substr(cut) + "\x16\x03\r\n\r\n") == head.size() - cut);
      CHECK(one.state() == State::open);
      CHECK(one.feed("more") == 0);
      one.on_closed();  // the tunnel's own affair
      CHECK(one.state() == State::open);
      CHECK(one.problem().empty());
    }
  }
}

TEST_CASE("tunnel: a refusal is told with the proxy's status line") {
  CHECK(failure("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") ==
        "the proxy opens no tunnel: HTTP/1.1 407 Proxy Authentication Required");
  for (const std::string status : {"403 Forbidden", "502 Bad Gateway", "301 Moved", "100 Continue",
                                   "101 Switching Protocols", "500", "999 x", "000 x"}) {
    CHECK(failure("HTTP/1.1 " + status + "\r\n").find(status) != std::string::npos);
  }
}

TEST_CASE("tunnel: what is no reply of HTTP/1 fails it") {
  for (const std::string& reply :
       {"SSH-2.0-x\r\n"s, "\r\n"s, "\n"s, "HTTP/2 200\r\n"s, "HTTP/1.1\r\n"s, "HTTP/1.1 20\r\n"s,
        "HTTP/1.1 2000 OK\r\n"s, "HTTP/1.1 2x0 OK\r\n"s, "HTTP/1.1  200 OK\r\n"s,
        "HTTP/1.x 200 OK\r\n"s, "http/1.1 200 OK\r\n"s, " HTTP/1.1 200 OK\r\n"s,
        "HTTP/1.1 -20 OK\r\n"s, "\x15\x03\x01\x00\x02\x02\x46\n"s, "HTTP/1.1 200\0\r\n"s}) {
    CHECK(failure(reply).starts_with("what the proxy sent is no reply of HTTP/1"));
  }
}

TEST_CASE("tunnel: a problem is one short printable line, whatever the proxy sent") {
  const std::string problem =
      failure("HTTP/1.1 403 \x1b[31m\r\t\xc3\xa9" + std::string(60'000, 'x') + "\n");
  CHECK(problem.size() < 300);
  CHECK(problem.find("HTTP/1.1 403  [31m  éxxx") != std::string::npos);
}

TEST_CASE("tunnel: a reply without an end is cut at 64 KiB") {
  CHECK(failure("HTTP/1.1 200 OK\r\nX: " + std::string(Tunnel::k_max_reply_bytes, 'x')) ==
        "the head of the proxy's reply is longer than 64 KiB: HTTP/1.1 200 OK");
  std::string headers = "HTTP/1.1 200 OK\r\n";
  while (headers.size() <= Tunnel::k_max_reply_bytes) {
    headers += "A: b\r\n";
  }
  failure(headers);
  failure(std::string(Tunnel::k_max_reply_bytes + 1, 'x'));

  const std::string begin = "HTTP/1.1 200 OK\r\nX: ";
  const std::string end = "\r\n\r\n";
  Tunnel longest = tunnel();
  longest.feed(begin + std::string(Tunnel::k_max_reply_bytes - begin.size() - end.size(), 'x') +
               end);
  CHECK(longest.state() == State::open);
}

TEST_CASE("tunnel: a proxy that hangs up fails it, and what it had sent is told") {
  for (const std::string& sent :
       {""s, "HTTP/1.1 20"s, "HTTP/1.1 200 OK\r\n"s, "HTTP/1.1 200 OK\r\nX-Unfinished"s}) {
    CAPTURE(sent);
    Tunnel one = tunnel();
    one.feed(sent);
    one.on_closed();
    CHECK(one.state() == State::failed);
    CHECK(one.problem().starts_with("the proxy closed the connection before its reply was whole"));
    CHECK((one.problem().find("HTTP/1.1 20") != std::string::npos) == !sent.empty());
    CHECK(one.feed("HTTP/1.1 200 OK\r\n\r\n") == 0);
    CHECK(one.state() == State::failed);
  }
}

}  // namespace inferometer::transport::proxy_test
