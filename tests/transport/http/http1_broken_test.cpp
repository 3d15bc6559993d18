#include "transport/http/parsed_response.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <string>

// What a server must not send, and how much of what it may.

using namespace inferometer::transport::http;
using namespace std::string_literals;

namespace {

const std::string k_ok = "HTTP/1.1 200 OK\r\n";
const std::string k_chunked = k_ok + "Transfer-Encoding: chunked\r\n\r\n";

/// The bytes break the response, however they are cut and before the connection ends.
void check_broken(const std::string& bytes, std::string_view problem) {
  CAPTURE(bytes.substr(0, 200));
  const ParsedResponse reading = read_however_cut(bytes);
  CHECK(reading.progress == Progress::broken);
  CHECK(reading.problem.find(problem) != std::string::npos);
  CAPTURE(reading.problem);
  CHECK(read_however_cut(bytes, /*finish=*/true) == reading);
}

void check_broken_header(const std::string& line, std::string_view problem) {
  check_broken(k_ok + line + "\r\nContent-Length: 0\r\n\r\n", problem);
  check_broken(k_ok + "Content-Length: 0\r\n" + line + "\r\n\r\n", problem);
  check_broken("HTTP/1.1 103 Early Hints\r\n" + line + "\r\n\r\n", problem);
  check_broken(k_chunked + "0\r\n" + line + "\r\n\r\n", problem);
}

std::string repeated(std::size_t times, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) {
    all.append(text);
  }
  return all;
}

/// For inputs that are too long to be cut at every place: whole, and in pieces of an odd size.
ParsedResponse read_long(std::string_view bytes, bool finish = false) {
  constexpr std::size_t k_piece = 97;
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += k_piece) {
    pieces.push_back(bytes.substr(at, k_piece));
  }
  const ParsedResponse whole = read({bytes}, finish);
  CHECK(read(pieces, finish) == whole);
  return whole;
}

void check_bound(const std::string& within, const std::string& beyond, std::string_view problem) {
  const ParsedResponse good = read_long(within);
  CHECK(good.problem == "");
  CHECK(good.progress == Progress::complete);
  const ParsedResponse bad = read_long(beyond);
  CHECK(bad.progress == Progress::broken);
  CHECK(bad.problem.find(problem) != std::string::npos);
}

}  // namespace

TEST_CASE("http1: what is not HTTP/1.1 or HTTP/1.0 is broken at its first wrong byte") {
  const std::string problem = "not HTTP/1.1 or HTTP/1.0";
  for (const std::string& bytes :
       {"hello world\n"s, "S"s, "\x15\x03\x01\x00\x02\x02"s, "\0"s, "\0\0\0\0"s, "\n"s, "\r\n\r\n"s,
        "data: {}\n\n"s, "http/1.1 200 OK\r\n\r\n"s, "HTTP/2"s, "HTTP/2 200\r\n\r\n"s, " HTTP/1.1"s,
        "HTTP/1.1 100 Continue\r\n\r\n\r\n"s, "HT\n"s}) {
    check_broken(bytes, problem);
  }
  for (const std::string& line : {"HTTP/1.2 200 OK"s, "HTTP/1.9 200 OK"s, "HTTP/1. 200 OK"s,
                                  "HTTP/1."s, "HTTP/1.\0"s, "HTTP/1.x 200"s}) {
    check_broken(line + "\r\n", problem);
  }
}

TEST_CASE("http1: a status line without a status of three digits is broken") {
  for (const std::string& line :
       {"HTTP/1.1"s, "HTTP/1.1 "s, "HTTP/1.1 20"s, "HTTP/1.1 2000"s, "HTTP/1.1 099 X"s,
        "HTTP/1.1 abc OK"s, "HTTP/1.1 -20 OK"s, "HTTP/1.1 +20 OK"s, "HTTP/1.1  200 OK"s,
        "HTTP/1.1\t200 OK"s, "HTTP/1.1 200\tOK"s, "HTTP/1.10 200"s, "HTTP/1.1 0x1"s,
        "HTTP/1.1 20\0 OK"s}) {
    check_broken(line + "\r\nContent-Length: 0\r\n\r\n", "no status of three digits");
  }
}

TEST_CASE("http1: a control character in the status line is broken") {
  for (const std::string& line : {"HTTP/1.1 200 O\0K"s, "HTTP/1.1 200 OK\r"s, "HTTP/1.1 200 \rOK"s,
                                  "HTTP/1.1 200 \x7F"s, "HTTP/1.1 200 \x1B[31m"s}) {
    check_broken(line + "\r\nContent-Length: 0\r\n\r\n", "control character in the status line");
  }
}

TEST_CASE("http1: a switch of protocols that was not asked for is broken") {
  check_broken("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
               "another protocol");
}

TEST_CASE("http1: a header that no two readers need agree about is broken") {
  check_broken_header("No colon", "without a colon");
  check_broken_header("X", "without a colon");
  check_broken_header(": value", "name is empty");
  check_broken_header("Name : value", "holds a blank");
  check_broken_header("Name\t: value", "holds a blank");
  check_broken_header("Two words: value", "holds a blank");
  check_broken_header("X: 1\r\n folded", "folded");
  check_broken_header("X: 1\r\n\tfolded: 2", "folded");
  check_broken_header(" X: 1", "folded");
  check_broken_header(" ", "folded");
  check_broken_header("X: a\0b"s, "control character");
  check_broken_header("X\0: a"s, "control character");
  check_broken_header("X: a\rb", "control character");
  check_broken_header("X: a\r", "control character");
  check_broken_header("X: a\rContent-Length: 7", "control character");
  check_broken_header("X: \x7F", "control character");
  check_broken_header("X\x01: a", "control character");
}

TEST_CASE("http1: a length that is no number or not one is broken") {
  for (const std::string_view value :
       {"", "-1", "+5", "5x", "0x5", "5 5", "5.0", "1e3", "5,", ",5", "5, 6", "5;5", "\"5\"",
        "18446744073709551616", "99999999999999999999999999999999", "\xD9\xA5"}) {
    check_broken(k_ok + "Content-Length: " + std::string(value) + "\r\n\r\nhello",
                 "Content-Length");
    check_broken(k_ok + "Content-Length: " + std::string(value) +
                     "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 "Content-Length");
  }
  check_broken(k_ok + "Content-Length: 5\r\nX: 1\r\ncontent-length: 6\r\n\r\n", "Content-Length");
  check_broken(k_ok + "Content-Length: 5\r\ncontent-length:\r\n\r\n", "Content-Length");
}

TEST_CASE("http1: the largest length is only not reached") {
  const ParsedResponse reading =
      read_however_cut(k_ok + "Content-Length: 18446744073709551615\r\n\r\nx", /*finish=*/true);
  CHECK(reading.progress == Progress::lost);
  CHECK(reading.body == "x");
}

TEST_CASE("http1: a transfer coding other than chunked is broken") {
  for (const std::string_view value : {"", "gzip", "identity", "gzip, chunked", "chunked, gzip",
                                       "chunked, chunked", "chunked;q=1", "xchunked", ",chunked"}) {
    check_broken(k_ok + "Transfer-Encoding: " + std::string(value) + "\r\n\r\n0\r\n\r\n",
                 "Transfer-Encoding");
  }
  check_broken(k_ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
               "Transfer-Encoding");
}

TEST_CASE("http1: a chunk without a size is broken") {
  for (const std::string_view line :
       {"", "zz", "-1", "+1", " 5", "0x5", ";x", "5x", "5 x", "5,", "00000000000000005",
        "fffffffffffffffff", "10000000000000000", "\xEF\xBB\xBF"}) {
    check_broken(k_chunked + "2\r\nok\r\n" + std::string(line) + "\r\nhello\r\n", "chunk");
  }
  check_broken(k_chunked + "5;a\rb\r\nhello\r\n", "chunk");
  check_broken(k_chunked + "5;a\0b\r\nhello\r\n"s, "chunk");
  check_broken(k_chunked + "5\r\r\nhello\r\n", "chunk");
}

TEST_CASE("http1: the largest chunk is only not reached") {
  const ParsedResponse reading =
      read_however_cut(k_chunked + "ffffffffffffffff\r\nx", /*finish=*/true);
  CHECK(reading.progress == Progress::lost);
  CHECK(reading.body == "x");
}

TEST_CASE("http1: a chunk that is longer or shorter than its size is broken") {
  for (const std::string_view rest : {"helloworld\r\n", "hellow\r\n", "hello0\r\n\r\n",
                                      "hello\r0\r\n", "hello\r\r\n", "hello \r\n"}) {
    const std::string bytes = k_chunked + "5\r\n" + std::string(rest);
    check_broken(bytes, "longer than its size says");
    CHECK(read({bytes}, false).body == "hello");
  }
  check_broken(k_chunked + "7\r\nhello\r\n0\r\n\r\n", "longer than its size says");
}

TEST_CASE("http1: a status line is bounded") {
  const std::string rest = "\r\nContent-Length: 0\r\n\r\n";
  const std::size_t room = Http1Parser::k_max_status_line_bytes - "HTTP/1.1 200 \r\n"s.size();
  check_bound("HTTP/1.1 200 " + std::string(room, 'x') + rest,
              "HTTP/1.1 200 " + std::string(room + 1, 'x') + rest,
              "status line of more than 8 KiB");
  CHECK(read_long("HTTP/1.1 200 " + std::string(9000, 'x')).progress == Progress::broken);
}

TEST_CASE("http1: the head is bounded in all") {
  const std::string rest = "\r\nContent-Length: 0\r\n\r\n";
  const std::string_view problem = "headers of more than 256 KiB";
  const std::size_t room =
      Http1Parser::k_max_head_bytes - k_ok.size() - "X: "s.size() - rest.size();
  check_bound(k_ok + "X: " + std::string(room, 'x') + rest,
              k_ok + "X: " + std::string(room + 1, 'x') + rest, problem);
  const std::string line = "X: " + std::string(995, 'x') + "\r\n";
  check_bound(k_ok + repeated(250, line) + "Content-Length: 0\r\n\r\n",
              k_ok + repeated(263, line) + "Content-Length: 0\r\n\r\n", problem);
  const std::string interim = "HTTP/1.1 103 Hints\r\n" + repeated(50, line) + "\r\n";
  check_bound(repeated(5, interim) + k_ok + "Content-Length: 0\r\n\r\n",
              repeated(6, interim) + k_ok + "Content-Length: 0\r\n\r\n", problem);
}

TEST_CASE("http1: headers are bounded in number") {
  const std::string end = "Content-Length: 0\r\n\r\n";
  check_bound(k_ok + repeated(511, "X: 1\r\n") + end, k_ok + repeated(512, "X: 1\r\n") + end,
              "more than 512 headers");
}

TEST_CASE("http1: interim responses are bounded in number") {
  const std::string end = k_ok + "Content-Length: 0\r\n\r\n";
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  check_bound(repeated(16, interim) + end, repeated(17, interim) + end,
              "more than 16 interim responses");
}

TEST_CASE("http1: extensions of chunks are bounded, each and in all") {
  const std::string end = "0\r\n\r\n";
  const std::string full = "1;" + std::string(255, 'x') + "\r\na\r\n";
  check_bound(k_chunked + full + end, k_chunked + "1;" + std::string(256, 'x') + "\r\na\r\n" + end,
              "extensions of more than 256 bytes");
  check_bound(k_chunked + repeated(256, full) + end,
              k_chunked + repeated(256, full) + "1;\r\na\r\n" + end,
              "extensions of more than 64 KiB in all");
  check_bound(k_chunked + "1" + std::string(256, ' ') + "\r\na\r\n" + end,
              k_chunked + "1" + std::string(257, ' ') + "\r\na\r\n" + end,
              "extensions of more than 256 bytes");
  // A line that never ends is not waited for.
  CHECK(read_long(k_chunked + std::string(300, '0')).progress == Progress::broken);
  CHECK(read_long(k_chunked + "1;" + std::string(300, 'x')).progress == Progress::broken);
}

TEST_CASE("http1: trailers are bounded in bytes and in number") {
  const std::string start = k_chunked + "0\r\n";
  const std::size_t room = Http1Parser::k_max_trailer_bytes - "X: \r\n\r\n"s.size();
  check_bound(start + "X: " + std::string(room, 'x') + "\r\n\r\n",
              start + "X: " + std::string(room + 1, 'x') + "\r\n\r\n",
              "trailers of more than 16 KiB");
  check_bound(start + repeated(64, "X: 1\r\n") + "\r\n", start + repeated(65, "X: 1\r\n") + "\r\n",
              "more than 64 trailers");
  CHECK(read_long(start + std::string(20000, 'x')).progress == Progress::broken);
}

TEST_CASE("http1: a long line that comes byte by byte costs no more than its bytes") {
  ParsedResponse reading;
  Recorder recorder(reading);
  Http1Parser parser;
  const std::string bytes = k_ok + "X: " + std::string(250UL * 1024, 'x');
  const auto start = std::chrono::steady_clock::now();
  for (const char& byte : bytes) {
    parser.feed(std::string_view(&byte, 1), recorder);
  }
  CHECK(parser.progress() == Progress::reading);
  // Searching the line again for each byte would be 3·10^10 steps.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}
