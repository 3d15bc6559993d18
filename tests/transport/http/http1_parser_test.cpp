#include "transport/http/http1_parser.hpp"

#include "transport/http/parsed_response.hpp"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace inferometer::transport::http1_parser_test {
using namespace inferometer::transport::http;
using namespace std::string_literals;

namespace {

const std::string k_ok = "HTTP/1.1 200 OK\r\n";
const std::string k_chunked = k_ok + "Transfer-Encoding: chunked\r\n\r\n";

void check_body(const std::string& bytes, std::string_view body) {
  CAPTURE(bytes);
  const ParsedResponse reading = read_however_cut(bytes);
  CHECK(reading.progress == Progress::complete);
  CHECK(reading.body == body);
  CHECK(reading.left == 0);
}

bool is_reusable(const std::string& bytes) {
  CAPTURE(bytes);
  const ParsedResponse reading = read_however_cut(bytes);
  CHECK(reading.progress == Progress::complete);
  return reading.reusable;
}

}  // namespace

TEST_CASE("http1: a parser tells whether bytes came behind the body") {
  struct Step {
    std::string bytes;
    bool ends_in_body;
  };
  ParsedResponse reading;
  Recorder recorder(reading);
  Http1Parser parser;
  for (const Step& step :
       {Step{k_chunked, false}, Step{"5", false}, Step{"\r\n", false}, Step{"he", true},
        Step{"llo\r\n", true}, Step{"3\r", false}, Step{"\nabc", true}, Step{"\r", true},
        Step{"\n", true}, Step{"1\r\nx\r\n2\r\n", false}, Step{"yz\r\n", true},
        Step{"0\r\n\r\n", false}}) {
    CAPTURE(step.bytes);
    parser.feed(step.bytes, recorder);
    CHECK(parser.ends_in_body() == step.ends_in_body);
  }
  CHECK(parser.progress() == Progress::complete);
  CHECK(reading.body == "helloabcxyz");
}

TEST_CASE("http1: a response comes as its status, its headers and its body") {
  const ParsedResponse reading = read_however_cut(
      "HTTP/1.1 429 Too Many Requests\r\nX-RateLimit-Reset: \t 1s \t\r\nX-Empty:\r\n"
      "Dup: 1\r\ndup:2\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(reading.progress == Progress::complete);
  CHECK(reading.heads == 1);
  CHECK(reading.status == 429);
  CHECK(reading.version == "1.1");
  CHECK(reading.headers ==
        std::vector<std::pair<std::string, std::string>>{{"x-ratelimit-reset", "1s"},
                                                         {"x-empty", ""},
                                                         {"dup", "1"},
                                                         {"dup", "2"},
                                                         {"content-length", "5"}});
  CHECK(reading.body == "hello");
  CHECK(reading.reusable);
}

TEST_CASE("http1: the first header of a name is the one that is found") {
  const ResponseHead head{.status = 200, .headers = {{"a", "1"}, {"b", "2"}, {"b", "3"}}};
  CHECK(head.header("b") == "2");
  CHECK(head.header("c").empty());
  CHECK(ResponseHead().header("a").empty());
}

TEST_CASE("http1: the reason and its blank may be missing and may hold other alphabets") {
  for (const std::string_view line :
       {"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 d\xC3\xA9j\xC3\xA0 \t vu"}) {
    check_body(std::string(line) + "\r\nContent-Length: 1\r\n\r\nx", "x");
  }
}

TEST_CASE("http1: a status of no known class is taken as it is") {
  CHECK(read_however_cut("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n").status == 999);
}

TEST_CASE("http1: a length, chunks or the end of the connection delimit the body") {
  check_body(k_ok + "Content-Length: 0\r\n\r\n", "");
  check_body(k_ok + "Content-Length: 5\r\n\r\nhello", "hello");
  check_body(k_ok + "content-length:0005\r\n\r\nhello", "hello");
  check_body(k_chunked + "0\r\n\r\n", "");
  check_body(k_chunked + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello");
  check_body(k_ok + "TRANSFER-ENCODING: Chunked\r\n\r\n5\r\nhello\r\n000\r\n\r\n", "hello");
  check_body(k_chunked + "000000000000000A\r\n0123456789\r\n0\r\n\r\n", "0123456789");

  const std::string open = k_ok + "Content-Type: text/event-stream\r\n\r\nhello";
  CHECK(read_however_cut(open).progress == Progress::reading);
  const ParsedResponse closed = read_however_cut(open, /*finish=*/true);
  CHECK(closed.progress == Progress::complete);
  CHECK(closed.body == "hello");
  CHECK_FALSE(closed.reusable);
  CHECK(read_however_cut(k_ok + "\r\n", /*finish=*/true).progress == Progress::complete);
}

TEST_CASE("http1: equal lengths are one length") {
  check_body(k_ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello");
  check_body(k_ok + "Content-Length: 5, 5 ,05\r\n\r\nhello", "hello");
}

TEST_CASE("http1: extensions of chunks and trailers are dropped") {
  check_body(k_chunked + "5;name=value;q=\"a;b\"\r\nhello\r\n0;last\r\n\r\n", "hello");
  check_body(k_chunked + "5 \t\r\nhello\r\n0 ; x\r\n\r\n", "hello");
  const ParsedResponse reading = read_however_cut(
      k_chunked +
      "5\r\nhello\r\n0\r\nX-Trailer: 1\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
  CHECK(reading.progress == Progress::complete);
  CHECK(reading.headers.size() == 1);
  CHECK(reading.reusable);
}

TEST_CASE("http1: lines may end in a line feed alone") {
  check_body("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello");
  check_body("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\r\n\n5\nhello\n0\r\nX: 1\n\n", "hello");
}

TEST_CASE("http1: statuses without a body end with their head") {
  for (const std::string_view status : {"204 No Content", "304 Not Modified"}) {
    for (const std::string_view framing :
         {"", "Content-Length: 0\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
      check_body("HTTP/1.1 " + std::string(status) + "\r\n" + std::string(framing) + "\r\n", "");
    }
  }
  CHECK(is_reusable("HTTP/1.1 204 No Content\r\n\r\n"));
  CHECK(is_reusable("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"));
  CHECK(is_reusable("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"));
  // What it announces may follow all the same.
  CHECK_FALSE(is_reusable("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"));
  CHECK_FALSE(is_reusable("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

TEST_CASE("http1: interim responses are passed over") {
  const ParsedResponse reading = read_however_cut(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n"
      "Content-Length: 7\r\n\r\nHTTP/1.1 201 Created\r\nX-Late: 1\r\nContent-Length: 1\r\n\r\nx");
  CHECK(reading.progress == Progress::complete);
  CHECK(reading.heads == 1);
  CHECK(reading.status == 201);
  CHECK(reading.headers.size() == 2);
  CHECK(reading.body == "x");
  CHECK(read_however_cut("HTTP/1.1 100 Continue\r\n\r\n").heads == 0);
}

TEST_CASE("http1: a header that looks like a status line is only a header") {
  const ParsedResponse reading =
      read_however_cut("HTTP/1.1 503 Busy\r\nHTTP/1.1: 200 OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(reading.status == 503);
  CHECK(reading.headers.front() == std::pair("http/1.1"s, "200 OK"s));
}

TEST_CASE("http1: what follows a complete response is left to the caller") {
  const std::string next = "HTTP/1.1 408 Request Timeout\r\n\r\n";
  for (const std::string& bytes :
       {k_ok + "Content-Length: 5\r\n\r\nhello", k_chunked + "5\r\nhello\r\n0\r\n\r\n",
        k_ok + "Content-Length: 0\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n"s}) {
    CAPTURE(bytes);
    ParsedResponse expected = read_however_cut(bytes);
    CHECK(expected.left == 0);
    expected.left = next.size();
    CHECK(read_however_cut(bytes + next) == expected);
  }
}

TEST_CASE("http1: the connection may be used again as its version and its headers say") {
  const auto answer = [](std::string_view version, std::string_view headers) {
    return "HTTP/" + std::string(version) + " 200 OK\r\n" + std::string(headers) +
           "Content-Length: 1\r\n\r\nx";
  };
  CHECK(is_reusable(answer("1.1", "")));
  CHECK(is_reusable(answer("1.1", "Connection: keep-alive\r\n")));
  CHECK(is_reusable(answer("1.1", "Connection: Upgrade, closed\r\n")));
  CHECK_FALSE(is_reusable(answer("1.1", "Connection: Close\r\n")));
  CHECK_FALSE(is_reusable(answer("1.1", "Connection: keep-alive , close\r\n")));
  CHECK_FALSE(is_reusable(answer("1.1", "Connection: a\r\nConnection: close\r\n")));
  CHECK_FALSE(is_reusable(answer("1.0", "")));
  CHECK(is_reusable(answer("1.0", "Connection: Keep-Alive\r\n")));
  CHECK_FALSE(is_reusable(answer("1.0", "Connection: keep-alive, close\r\n")));
  CHECK(is_reusable(k_chunked + "0\r\n\r\n"));
}

TEST_CASE("http1: chunks win over a length and in HTTP/1.0, but not for another request") {
  for (const std::string& head :
       {k_ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        k_ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"s}) {
    check_body(head + "5\r\nhello\r\n0\r\n\r\n", "hello");
    CHECK_FALSE(is_reusable(head + "5\r\nhello\r\n0\r\n\r\n"));
  }
}

TEST_CASE("http1: a connection that ends in the middle of a response is lost") {
  const std::string lengthy = k_ok + "Content-Length: 5\r\n\r\nhello";
  const std::string chunked = k_chunked + "5\r\nhello\r\n0\r\nX: 1\r\n\r\n";
  for (const std::string& bytes : {lengthy, chunked}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      const ParsedResponse reading =
          read({std::string_view(bytes).substr(0, size)}, /*finish=*/true);
      CHECK(reading.progress == Progress::lost);
      CHECK(std::string_view("hello").starts_with(reading.body));
    }
  }
  CHECK(read_however_cut("HTTP/1.1 100 Continue\r\n\r\n", true).progress == Progress::lost);
}

TEST_CASE("http1: the end of the connection changes nothing behind the end of the response") {
  CHECK(read_however_cut(k_ok + "Content-Length: 0\r\n\r\n", true).progress == Progress::complete);
  CHECK(read_however_cut("SSH-2.0\r\n", true).progress == Progress::broken);
}

TEST_CASE("http1: the version and whether anything came are known as soon as they can be") {
  ParsedResponse reading;
  Recorder recorder(reading);
  Http1Parser parser;
  CHECK_FALSE(parser.begun());
  CHECK(parser.feed("", recorder) == 0);
  CHECK_FALSE(parser.begun());
  parser.feed("H", recorder);
  CHECK(parser.begun());
  parser.feed("TTP/1.0 200 OK\r", recorder);
  CHECK(parser.version().empty());
  parser.feed("\n", recorder);
  CHECK(parser.version() == "1.0");
}

TEST_CASE("http1: a parser reads one response after another") {
  ParsedResponse first;
  ParsedResponse second;
  Recorder to_first(first);
  Recorder to_second(second);
  Http1Parser parser;
  const std::string bytes =
      k_chunked + "1\r\na\r\n0\r\n\r\nHTTP/1.0 404 No\r\nContent-Length: 1\r\n\r\nb";
  const std::size_t taken = parser.feed(bytes, to_first);
  CHECK(parser.reusable());
  parser.begin();
  CHECK(parser.progress() == Progress::reading);
  CHECK_FALSE(parser.begun());
  CHECK(parser.version().empty());
  CHECK(parser.feed(std::string_view(bytes).substr(taken), to_second) == bytes.size() - taken);
  CHECK(parser.progress() == Progress::complete);
  CHECK_FALSE(parser.reusable());
  CHECK(first.body == "a");
  CHECK(second.status == 404);
  CHECK(second.headers.size() == 1);
  CHECK(second.body == "b");
}

TEST_CASE("http1: nothing of a broken response is in the next one") {
  ParsedResponse reading;
  Recorder recorder(reading);
  Http1Parser parser;
  parser.feed("HTTP/1.1 200 OK\r\nX: 1\r\nHalf", recorder);
  parser.finish();
  parser.begin();
  parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", recorder);
  CHECK(parser.progress() == Progress::complete);
  CHECK(reading.headers.size() == 1);
}

TEST_CASE("http1: the body is not copied on its way") {
  struct Within : ResponseSink {
    explicit Within(std::string_view all) : whole(all) {}
    void on_head(ResponseHead /*head*/) override {}
    void on_body(std::string_view piece) override {
      CHECK(std::greater_equal<>()(piece.data(), whole.data()));
      CHECK(std::less_equal<>()(piece.data() + piece.size(), whole.data() + whole.size()));
      ++pieces;
    }
    std::string_view whole;
    std::size_t pieces = 0;
  };
  for (const std::string& bytes : {k_chunked + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
                                   k_ok + "Content-Length: 5\r\n\r\nhello", k_ok + "\r\nhello"}) {
    Within within(bytes);
    Http1Parser parser;
    parser.feed(bytes, within);
    CHECK(within.pieces > 0);
  }
}

}  // namespace inferometer::transport::http1_parser_test
