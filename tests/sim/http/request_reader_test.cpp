#include "sim/http/request_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace inferometer::sim::http;
using namespace std::string_view_literals;
using State = RequestReader::State;

namespace {

/// The status that the bytes are refused with, 0 if they are incomplete, 200 if they are good.
int verdict(std::string_view bytes) {
  RequestReader reader;
  reader.append(bytes);
  switch (reader.advance()) {
    case State::incomplete:
      return 0;
    case State::complete:
      return 200;
    case State::failed:
      CHECK(!reader.failure().message.empty());
      return reader.failure().status;
  }
  return -1;
}

std::string with_headers(std::string_view headers) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

}  // namespace

TEST_CASE("a request is read whole and the query is not part of its path") {
  RequestReader reader;
  reader.append(
      "POST /v1/x?a=/b HTTP/1.1\r\nHost: h\r\nX-Two:  b c \t\r\nContent-Length: 5\r\n\r\nhello");
  REQUIRE(reader.advance() == State::complete);
  const Request request = reader.take();
  CHECK(request.method == "POST");
  CHECK(request.path == "/v1/x");
  CHECK(request.header("x-two") == "b c");
  CHECK(request.body == "hello");
  CHECK(reader.buffered() == 0);
}

TEST_CASE("a request may come in any pieces") {
  const std::string bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n1\r\n \r\n0005\r\nworld\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    RequestReader reader;
    reader.append(bytes.substr(0, cut));
    if (cut < bytes.size()) {
      CHECK(reader.advance() == State::incomplete);
    }
    reader.append(bytes.substr(cut));
    REQUIRE(reader.advance() == State::complete);
    CHECK(reader.take().body == "hello world");
  }
}

TEST_CASE("a request may come byte by byte") {
  RequestReader reader;
  for (const char byte : with_headers("Content-Length: 3\r\n") + "ab") {
    reader.append({&byte, 1});
    CHECK(reader.advance() == State::incomplete);
  }
  reader.append("c");
  REQUIRE(reader.advance() == State::complete);
  CHECK(reader.take().body == "abc");
  reader.append("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(reader.advance() == State::complete);
}

TEST_CASE("requests that come together are given one after another") {
  RequestReader reader;
  reader.append("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + with_headers("Content-Length: 2\r\n") +
                "okGET /3 HTTP/1.1\r\nHost: h\r\n\r\nGET /4");
  REQUIRE(reader.advance() == State::complete);
  CHECK(reader.take().path == "/1");
  REQUIRE(reader.advance() == State::complete);
  CHECK(reader.take().body == "ok");
  REQUIRE(reader.advance() == State::complete);
  const Request third = reader.take();
  CHECK(third.path == "/3");
  CHECK(third.body.empty());
  CHECK(reader.advance() == State::incomplete);
  CHECK(reader.buffered() == 6);
}

TEST_CASE("line ends before a request are skipped") {
  RequestReader reader;
  reader.append("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(reader.advance() == State::complete);
  CHECK(reader.take().path == "/a");
}

TEST_CASE("what is not HTTP is refused") {
  for (const std::string_view bytes :
       {"GARBAGE\r\n\r\n", "GET /\r\n\r\n", "GET / FTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", "GET x HTTP/1.1\r\nHost: h\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost h\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\n: h\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\x01z\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "\x16\x03\x01\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(verdict(bytes) == 400);
  }
  CHECK(verdict("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"sv) == 400);
}

TEST_CASE("another version of HTTP is refused as such") {
  CHECK(verdict("GET / HTTP/1.0\r\nHost: h\r\n\r\n") == 505);
  CHECK(verdict("PRI * HTTP/2.0\r\n\r\n") == 400);
  CHECK(verdict("GET / HTTP/2\r\nHost: h\r\n\r\n") == 505);
}

TEST_CASE("a length that leaves the end of the body open is refused") {
  CHECK(verdict(with_headers("Content-Length: x\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length:\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: -1\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: +1\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: 1 2\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: 99999999999999999999\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: 1\r\nContent-Length: 1\r\n")) == 400);
  CHECK(verdict(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(verdict(with_headers("Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(verdict(with_headers("Transfer-Encoding:\r\n")) == 501);
}

TEST_CASE("a broken chunk is refused") {
  const std::string head = with_headers("Transfer-Encoding: chunked\r\n");
  CHECK(verdict(head + "x\r\n") == 400);
  CHECK(verdict(head + "\r\n") == 400);
  CHECK(verdict(head + "-1\r\n") == 400);
  CHECK(verdict(head + "2\r\nabc\r\n") == 400);
  CHECK(verdict(head + "ffffffffffffffffff\r\n") == 400);
  CHECK(verdict(head + std::string(2000, '0')) == 400);
  CHECK(verdict(head + "2\r\nab\r\n0\r\n" + std::string(70'000, 't')) == 431);
}

TEST_CASE("a trailer cannot grow without end") {
  RequestReader reader;
  reader.append(with_headers("Transfer-Encoding: chunked\r\n") + "0\r\n");
  State state = State::incomplete;
  for (int line = 0; line < 100'000 && state == State::incomplete; ++line) {
    reader.append("name: value\r\n");
    state = reader.advance();
  }
  CHECK(state == State::failed);
  CHECK(reader.failure().status == 431);
}

TEST_CASE("a head of 64 KiB is read and a longer one refused before its end") {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string longest = start + std::string(k_longest_head - start.size(), 'x');
  CHECK(verdict(longest + "\r\n\r\n") == 200);
  CHECK(verdict(longest) == 0);
  CHECK(verdict(longest + "x\r\n\r\n") == 431);
  CHECK(verdict(longest + "xxxxx") == 431);
}

TEST_CASE("a body of 16 MiB is read and a longer one refused at once") {
  RequestReader reader;
  reader.append(with_headers("Content-Length: " + std::to_string(k_longest_body) + "\r\n"));
  CHECK(reader.advance() == State::incomplete);
  const std::string piece(k_longest_body / 16, 'x');
  for (int i = 0; i < 15; ++i) {
    reader.append(piece);
    CHECK(reader.advance() == State::incomplete);
    CHECK(reader.buffered() == 0);
  }
  reader.append(piece);
  CHECK(reader.advance() == State::complete);
  CHECK(reader.take().body.size() == k_longest_body);
  CHECK(verdict(with_headers("Content-Length: " + std::to_string(k_longest_body + 1) + "\r\n")) ==
        413);
}

TEST_CASE("chunks together are as bounded as one body") {
  RequestReader reader;
  reader.append(with_headers("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  State state = State::incomplete;
  int chunks = 0;
  for (; chunks < 20 && state == State::incomplete; ++chunks) {
    reader.append(chunk);
    state = reader.advance();
  }
  CHECK(state == State::failed);
  CHECK(chunks == 17);
  CHECK(reader.failure().status == 413);
}

TEST_CASE("an expectation is told once and only while the body is missing") {
  RequestReader reader;
  const std::string head = with_headers("Expect: 100-Continue\r\nContent-Length: 2\r\n");
  reader.append(head);
  CHECK(reader.advance() == State::incomplete);
  CHECK(reader.take_expectation());
  CHECK(!reader.take_expectation());
  reader.append("ab");
  CHECK(reader.advance() == State::complete);
  static_cast<void>(reader.take());

  reader.append(head + "a");
  CHECK(reader.advance() == State::incomplete);
  CHECK(!reader.take_expectation());
  RequestReader chunked;
  chunked.append(with_headers("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(chunked.advance() == State::incomplete);
  chunked.append("5\r\n");
  CHECK(chunked.advance() == State::incomplete);
  CHECK(!chunked.take_expectation());
  CHECK(verdict(with_headers("Expect: 200-ok\r\n")) == 417);
}
