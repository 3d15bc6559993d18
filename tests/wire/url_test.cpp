#include "wire/url.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_view_literals;
using inferometer::wire::authority;
using inferometer::wire::authority_with_port;
using inferometer::wire::parse_url;
using inferometer::wire::Url;

namespace {

Url parsed(std::string_view text) {
  CAPTURE(text);
  const auto url = parse_url(text);
  REQUIRE(url);
  return *url;
}

std::string problem_of(std::string_view text) {
  CAPTURE(text);
  const auto url = parse_url(text);
  REQUIRE_FALSE(url);
  return url.error().message;
}

bool mentions(const std::string& message, std::string_view what) {
  return message.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("url: its parts") {
  const Url url = parsed("https://api.example.com:8443/v1/models/a%2Fb:x?alt=sse&key=%20");
  CHECK(url.scheme == "https");
  CHECK(url.host == "api.example.com");
  CHECK(url.port == 8443);
  CHECK_FALSE(url.host_is_ipv6);
  CHECK(url.target == "/v1/models/a%2Fb:x?alt=sse&key=%20");
}

TEST_CASE("url: the port is the scheme's own where none is named") {
  CHECK(parsed("http://a").port == 80);
  CHECK(parsed("https://a").port == 443);
  CHECK(parsed("https://a:80").port == 80);
  CHECK(parsed("http://a:1").port == 1);
  CHECK(parsed("http://a:65535").port == 65535);
}

TEST_CASE("url: scheme and host are in lower case, the rest stays as it is") {
  const Url url = parsed("HTTPS://API.Example.COM/V1/../%2e/./x?Y=Z");
  CHECK(url.scheme == "https");
  CHECK(url.host == "api.example.com");
  CHECK(url.target == "/V1/../%2e/./x?Y=Z");
}

TEST_CASE("url: the target has a slash, and no fragment") {
  CHECK(parsed("http://a").target == "/");
  CHECK(parsed("http://a?x=1").target == "/?x=1");
  CHECK(parsed("http://a/?").target == "/?");
  CHECK(parsed("http://a#b/c?d").target == "/");
  CHECK(parsed("http://a/b?c#d").target == "/b?c");
  CHECK(parsed("http://a/b@c:99999").target == "/b@c:99999");
  CHECK(parsed("http://a?u@b:c").host == "a");
}

TEST_CASE("url: hosts of all kinds") {
  CHECK(parsed("http://vllm_1.llm.svc./").host == "vllm_1.llm.svc.");
  CHECK(parsed("http://127.0.0.1:8000").host == "127.0.0.1");
  const Url loopback = parsed("http://[::1]:8000/v1");
  CHECK(loopback.host == "::1");
  CHECK(loopback.host_is_ipv6);
  CHECK(loopback.port == 8000);
  CHECK(parsed("https://[2001:DB8::A]").host == "2001:db8::a");
  CHECK(parsed("https://[::ffff:10.0.0.1]").host == "::ffff:10.0.0.1");
  CHECK(parsed("http://[fe80::1%25Eth0]").host == "fe80::1%Eth0");
  CHECK(parsed("http://[fe80::1%eth0]").host == "fe80::1%eth0");
  CHECK(parsed("http://[fe80::1%25]").host == "fe80::1%25");
}

TEST_CASE("url: what two programs could read in two ways is refused") {
  for (const auto text : {"",
                          "http",
                          "http:",
                          "http:/a",
                          "http:a",
                          "//a",
                          "a",
                          "http://",
                          "https:///v1",
                          "http://?x",
                          "http://:80",
                          "http://a:",
                          "http://a:0",
                          "http://a:65536",
                          "http://a:8x",
                          "http://a:+80",
                          "http://a:-1",
                          "http://a:80:80",
                          "http://::1",
                          "http://::1:80",
                          "http://[::1",
                          "http://::1]",
                          "http://[]",
                          "http://[1.2.3.4]",
                          "http://[a]",
                          "http://[::1]x",
                          "http://[::1]:",
                          "http://[::1]80",
                          "http://[[::1]]",
                          "http://[::1%]",
                          "http://[::1%e/h]",
                          "http://[v1.a]",
                          "http://a%41",
                          "http://a\\b",
                          "http://a,b",
                          "http://a\"b",
                          "http://{a}",
                          "http://a;b",
                          "ftp://a",
                          "file:///etc/passwd",
                          "socks5://a",
                          "httpx://a",
                          "http ://a",
                          "1http://a"}) {
    CHECK_FALSE_MESSAGE(parse_url(text), text);
  }
}

TEST_CASE("url: blanks and control characters are refused wherever they stand") {
  for (const auto text : {" http://a", "http://a ", "http://a /b", "http://a/b c", "http://a/\tb",
                          "http://a/\r\nX: y", "http://a\n", "http://a/?b\x7f", "http://a/#b c"}) {
    CHECK(mentions(problem_of(text), "blank or a control character"));
  }
  CHECK(mentions(problem_of("http://a\0.b/"sv), "control character"));
}

TEST_CASE("url: letters beyond ASCII are refused with advice") {
  CHECK(mentions(problem_of("https://bücher.example/"), "xn--"));
  CHECK(mentions(problem_of("https://a/bücher"), "percent-encode"));
  CHECK(parsed("https://xn--bcher-kva.example").host == "xn--bcher-kva.example");
}

TEST_CASE("url: a user or a password is refused, and no error repeats it") {
  for (const auto text : {"https://user@a", "https://user:hunter2@a/", "https://:hunter2@[::1]",
                          "https://a:80@hunter2/", "hunter2", "https://hunter2:hunter2"}) {
    CHECK_FALSE(mentions(problem_of(text), "hunter2"));
  }
  CHECK(mentions(problem_of("https://user:x@a"), "user or a password"));
}

TEST_CASE("url: the authority as Host and CONNECT have it") {
  CHECK(authority(parsed("http://A/b")) == "a");
  CHECK(authority(parsed("http://a:80")) == "a");
  CHECK(authority(parsed("https://a:80")) == "a:80");
  CHECK(authority(parsed("http://a:443")) == "a:443");
  CHECK(authority(parsed("https://[::1]:443")) == "[::1]");
  CHECK(authority(parsed("https://[::1]:1")) == "[::1]:1");
  CHECK(authority(parsed("http://[fe80::1%25eth0]:1")) == "[fe80::1]:1");
  CHECK(authority_with_port(parsed("https://a")) == "a:443");
  CHECK(authority_with_port(parsed("http://[::1]")) == "[::1]:80");
}
