#include "http/head.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using inferometer::http::path_of;
using inferometer::http::read_head;

namespace {

constexpr std::string_view k_nul("\0", 1);

bool accepts(const std::string& lines) {
  return read_head(lines + "\r\n\r\n").has_value();
}

/// A request whose only odd lines are these.
bool accepts_lines(const std::string& lines) {
  return accepts("POST / HTTP/1.1\r\nHost: x\r\n" + lines);
}

}  // namespace

TEST_CASE("a head is taken apart") {
  const std::string bytes =
      "GET /a/b?c=d?e HTTP/1.1\r\nHost: x:80\r\nA:\t b c \r\nEmpty:\r\na: d\r\n\r\n";
  const auto head = read_head(bytes);
  REQUIRE(head);
  CHECK(head->method == "GET");
  CHECK(head->path == "/a/b");
  CHECK(head->query == "c=d?e");
  CHECK(head->host == "x:80");
  CHECK(head->persistent);
  CHECK(!head->has_body);
  CHECK(head->value_of("A") == "b c, d");
  CHECK(head->value_of("empty").empty());
  CHECK(head->value_of("none").empty());
}

TEST_CASE("the host of an absolute target goes before the header") {
  const std::string bytes = "GET http://a.b:1?q HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto head = read_head(bytes);
  REQUIRE(head);
  CHECK(head->host == "a.b:1");
  CHECK(head->path == "/");
  CHECK(head->query == "q");
}

TEST_CASE("a request line is method and target and version with one blank between") {
  for (const char* line :
       {"GET / HTTP/1.1", "OPTIONS * HTTP/1.1", "GET http://x/ HTTP/1.1", "get / HTTP/1.1",
        "GET /\xc3\xbc%00 HTTP/1.1", "GET /?name[]=a HTTP/1.1", "GET https://[::1]:9/ HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(accepts(std::string(line) + "\r\nHost: x"));
  }
  for (const char* line : {"",
                           "GET",
                           "GET /",
                           "GET  / HTTP/1.1",
                           "GET /  HTTP/1.1",
                           "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1",
                           "GET\t/ HTTP/1.1",
                           "GET / HTTP/1.2",
                           "GET / HTTP/2.0",
                           "GET / HTTP/01.1",
                           "GET / http/1.1",
                           "GET / HTTP/1.1 x",
                           "G(T / HTTP/1.1",
                           "GET * HTTP/1.1",
                           "GET x HTTP/1.1",
                           "GET x:1 HTTP/1.1",
                           "CONNECT x:1 HTTP/1.1",
                           "GET http:// HTTP/1.1",
                           "GET http:///a HTTP/1.1",
                           "GET http://u@x/ HTTP/1.1",
                           "GET ftp://x/ HTTP/1.1",
                           "GET /#a HTTP/1.1",
                           "GET /\ta HTTP/1.1",
                           "GET /\x7f HTTP/1.1",
                           "GET /a\rb HTTP/1.1",
                           "GET /a\nb HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(!accepts(std::string(line) + "\r\nHost: x"));
  }
  CHECK(!accepts(std::string("GET /").append(k_nul) + " HTTP/1.1\r\nHost: x"));
}

TEST_CASE("a header line that readers could understand differently is refused") {
  for (const char* lines : {"Content-Length : 5", "Content-Length\t: 5", ": x", "X", "X y: z",
                            "X(: y", " X: y", "X: y\r\n folded", "X: y\r\n\tfolded", "X: a\rb",
                            "X: a\nY: b", "X: a\x01", "X: a\x7f", "X\xc3\xbc: y", "\r"}) {
    CAPTURE(lines);
    CHECK(!accepts_lines(lines));
  }
  CHECK(!accepts_lines(std::string("X: a").append(k_nul)));
  CHECK(!accepts_lines(std::string("X").append(k_nul) + ": a"));
  // The first line may not be folded either, RFC 9112, section 2.2.
  CHECK(!accepts("GET / HTTP/1.1\r\n Host: x\r\nHost: x"));
  CHECK(accepts_lines("X:"));
  CHECK(accepts_lines("X: \xc3\xbc\tb\r\n!#$%&'*+-.^_`|~09Az: y"));
}

TEST_CASE("a body has one length or one framing") {
  for (const char* lines : {"Content-Length: 5\r\nContent-Length: 5",
                            "Content-Length: 5\r\nContent-Length: 6",
                            "Content-Length: 5, 5",
                            "Content-Length: 5, 6",
                            "Content-Length:",
                            "Content-Length: +5",
                            "Content-Length: -5",
                            "Content-Length: 0x5",
                            "Content-Length: 5 5",
                            "Content-Length: five",
                            "Content-Length: 5.0",
                            "Content-Length: 0\r\ncontent-length: 0",
                            "Transfer-Encoding: identity",
                            "Transfer-Encoding: gzip, chunked",
                            "Transfer-Encoding: chunked, chunked",
                            "Transfer-Encoding: chunked, identity",
                            "Transfer-Encoding: xchunked",
                            "Transfer-Encoding: \"chunked\"",
                            "Transfer-Encoding:",
                            "Transfer-Encoding: chunked;q=1",
                            "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked",
                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                            "Transfer-Encoding: chunked\r\nContent-Length: 5",
                            "Content-Length: 0\r\nTransfer-Encoding: chunked"}) {
    CAPTURE(lines);
    CHECK(!accepts_lines(lines));
  }
  CHECK(!accepts("POST / HTTP/1.0\r\nTransfer-Encoding: chunked"));
  const auto has_body = [](const std::string& lines) {
    const std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n";
    const auto head = read_head(bytes);
    REQUIRE(head);
    return head->has_body;
  };
  CHECK(!has_body("Content-Length: 0"));
  CHECK(has_body("Content-Length: 5"));
  CHECK(has_body("Content-Length: 99999999999999999999999999"));
  CHECK(has_body("Transfer-Encoding: CHUNKED"));
}

TEST_CASE("HTTP/1.1 has exactly one valid Host and HTTP/1.0 at most one") {
  CHECK(!accepts("GET / HTTP/1.1"));
  CHECK(!accepts("GET / HTTP/1.1\r\nHost: x\r\nHost: x"));
  CHECK(!accepts("GET / HTTP/1.0\r\nHost: x\r\nHost: x"));
  CHECK(!accepts("GET http://x/ HTTP/1.1"));
  CHECK(accepts("GET / HTTP/1.0"));
  for (const char* host : {"", "x", "x:", "x:80", "10.0.0.1:9840", "[::1]", "[::1]:9840", "a_b-c.d",
                           "[fe80::1%25eth0]:1"}) {
    CAPTURE(host);
    CHECK(accepts(std::string("GET / HTTP/1.1\r\nHost: ") + host));
  }
  for (const char* host : {"a b", "a, b", "u@x", "x/y", "x:80:80", "x:8a", "::1", "[::1", "::1]",
                           "[::1]x", "x\xc3\xbc", "<x>", "x?y"}) {
    CAPTURE(host);
    CHECK(!accepts(std::string("GET / HTTP/1.1\r\nHost: ") + host));
  }
}

TEST_CASE("a head without its end is refused") {
  CHECK(!read_head(""));
  CHECK(!read_head("\r\n\r\n"));
  CHECK(!read_head("GET / HTTP/1.0\r\n"));
  CHECK(read_head("GET / HTTP/1.0\r\n\r\n"));
}

TEST_CASE("the path can be told without reading the head") {
  for (const char* line : {"GET /a HTTP/1.1", "GET /a?/b HTTP/1.1", "GET http://x/a?b HTTP/1.1"}) {
    const std::string bytes = std::string(line) + "\r\nHost: x\r\nReferer: /c\r\n\r\n";
    CHECK(path_of(bytes) == "/a");
    CHECK(read_head(bytes)->path == "/a");
  }
  CHECK(path_of("").empty());
  CHECK(path_of("GET").empty());
  CHECK(path_of("GET  /a HTTP/1.1").empty());
}
