#include "transport/http/http2_client.hpp"
#include "transport/http/http2_frames.hpp"

#include <doctest/doctest.h>
#include <nghttp2/nghttp2.h>

#include <stdexcept>
#include <string>

using namespace inferometer::transport::http;

namespace {

/// The problem after these bytes, which must break the response to a first request.
std::string problem_after(std::string_view bytes) {
  Http2Client client;
  client.begin();
  client.feed(bytes);
  CHECK(client.session.progress() == Progress::broken);
  CHECK_FALSE(client.session.usable());
  const std::string problem = client.session.problem();
  const std::size_t written = client.output.size();
  client.feed(data(1, "more", k_end_stream));
  client.session.cancel();
  client.session.finish();
  client.drain();
  CHECK(client.output.size() == written);
  CHECK(client.session.problem() == problem);
  return problem;
}

}  // namespace

TEST_CASE("http2: headers are bounded, however they are packed") {
  Http2Client large;
  large.begin();
  large.feed(settings());
  const std::string block = field("x-name", std::string(16'000, 'v'));
  large.feed(frame(k_headers, k_none, 1, status("200")));
  for (int i = 0; i < 1'000 && large.session.problem().empty(); ++i) {
    large.feed(frame(k_continuation, k_none, 1, block));
  }
  CHECK(large.session.progress() == Progress::broken);
  CHECK(large.sink.heads == 0);

  // One field of 4,000 bytes in HPACK's table, and then one byte for each time that it is repeated.
  const std::string indexed =
      '\x40' + hpack_length(1) + "n" + hpack_length(4'000) + std::string(4'000, 'v');
  const std::string bomb = status("200") + indexed + std::string(10'000, '\xbe');
  CHECK(problem_after(settings() + head(1, bomb)) ==
        "the response has more than 256 KiB of headers (HEADERS)");
  CHECK(problem_after(settings() + head(1, status("200")) + data(1, "x") +
                      head(1, indexed + std::string(10'000, '\xbe'), k_end_stream)) ==
        "the response has more than 256 KiB of trailers (HEADERS)");
}

TEST_CASE("http2: interim responses are bounded") {
  const std::string interim = head(1, status("103") + field("link", "</style.css>"));
  Http2Client client;
  client.begin();
  client.feed(settings());
  for (int i = 0; i < 16; ++i) {
    client.feed(interim);
  }
  CHECK(client.session.progress() == Progress::reading);
  client.feed(interim);
  check_broken(client.session, "more than 16 interim responses (HEADERS, 103)");
}

TEST_CASE("http2: a stream that the server refuses before it answers is refused") {
  Http2Client client;
  client.begin();
  client.feed(settings() + rst_stream(1, NGHTTP2_REFUSED_STREAM));
  CHECK(client.session.progress() == Progress::refused);
  CHECK(client.session.problem() == "the server ended the stream (RST_STREAM, REFUSED_STREAM)");
  CHECK(client.session.usable());

  ReadingClient late;
  late.feed(rst_stream(1, NGHTTP2_REFUSED_STREAM));
  CHECK(late.session.progress() == Progress::lost);
}

TEST_CASE("http2: a stream that the server resets is lost, with the reason") {
  ReadingClient client;
  client.feed(rst_stream(1, NGHTTP2_INTERNAL_ERROR));
  CHECK(client.session.progress() == Progress::lost);
  CHECK(client.session.problem() == "the server ended the stream (RST_STREAM, INTERNAL_ERROR)");
  CHECK(client.session.usable());

  Http2Client old;
  old.begin();
  old.feed(settings() + rst_stream(1, NGHTTP2_HTTP_1_1_REQUIRED));
  CHECK(old.session.progress() == Progress::lost);
  CHECK(old.session.problem() ==
        "the server wants HTTP/1.1 (RST_STREAM, HTTP_1_1_REQUIRED): set http_version: \"1.1\"");

  Http2Client unheard;
  unheard.begin();
  unheard.feed(settings() + head(1, status("200")) + rst_stream(1, NGHTTP2_NO_ERROR));
  CHECK(unheard.session.progress() == Progress::lost);
}

TEST_CASE("http2: a reset after a complete response is no failure") {
  Http2Client client;
  client.session.begin(simple_request(), std::string_view("{}"), client.sink);
  client.feed(settings());
  client.feed(head(1, status("200")) + data(1, "all", k_end_stream) +
              rst_stream(1, NGHTTP2_NO_ERROR));
  CHECK(client.session.progress() == Progress::complete);
  CHECK(client.session.problem().empty());
  CHECK(client.session.usable());
}

TEST_CASE("http2: GOAWAY below the stream refuses it, also after one that let it go on") {
  Http2Client client;
  client.begin();
  client.feed(settings() + goaway(k_last_stream, NGHTTP2_NO_ERROR));
  CHECK(client.session.progress() == Progress::reading);
  client.feed(goaway(0, NGHTTP2_NO_ERROR));
  CHECK(client.session.progress() == Progress::refused);
  CHECK(client.session.problem() == "the server ended the stream (GOAWAY, NO_ERROR)");
  client.session.finish();
  CHECK(client.session.progress() == Progress::refused);
  CHECK_FALSE(client.session.usable());
}

TEST_CASE("http2: GOAWAY below a stream whose response has begun loses it") {
  ReadingClient client;
  client.feed(goaway(0, NGHTTP2_ENHANCE_YOUR_CALM));
  CHECK(client.session.progress() == Progress::lost);
  CHECK(client.session.problem() == "the server ended the stream (GOAWAY, ENHANCE_YOUR_CALM)");
}

TEST_CASE("http2: GOAWAY at or above the stream lets it end") {
  ReadingClient client;
  client.feed(goaway(1, NGHTTP2_NO_ERROR));
  CHECK(client.session.progress() == Progress::reading);
  client.feed(data(1, " more", k_end_stream));
  CHECK(client.session.progress() == Progress::complete);
  CHECK(client.sink.body == "some more");
  CHECK_FALSE(client.session.usable());

  ReadingClient cut;
  cut.feed(goaway(1, NGHTTP2_INTERNAL_ERROR));
  cut.session.finish();
  CHECK(cut.session.progress() == Progress::lost);
  CHECK(cut.session.problem() == "the server ended the stream (GOAWAY, INTERNAL_ERROR)");
}

TEST_CASE("http2: GOAWAY before the request went out refuses it, and before it began forbids it") {
  Http2Client client;
  client.session.begin(simple_request(), "{}", client.sink);
  client.session.feed(settings() + goaway(0, NGHTTP2_NO_ERROR));
  CHECK(client.session.progress() == Progress::refused);
  CHECK_FALSE(contains(client.drain(), "{}"));
  CHECK_FALSE(client.session.request_taken());

  Http2Client idle;
  idle.feed(settings() + goaway(0, NGHTTP2_NO_ERROR));
  CHECK_FALSE(idle.session.usable());
}

TEST_CASE("http2: bytes that are no HTTP/2 are broken") {
  CHECK(contains(problem_after("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
                 "the server's HTTP/2 is not valid"));
  CHECK(contains(problem_after(std::string(100, '\0')), "expected SETTINGS frame"));
  CHECK(contains(problem_after(settings() + frame(k_ping, k_none, 0, "short")),
                 "(PING, FRAME_SIZE_ERROR)"));
  CHECK(contains(problem_after(settings() + frame(k_data, k_none, 0, "x")), "PROTOCOL_ERROR"));
  CHECK(contains(problem_after(settings() + head(1, "\xff\xff\xff\xff\xff\xff")), "COMPRESSION"));
  CHECK(contains(problem_after(settings() + head(1, status("200")) + data(3, "x")),
                 "PROTOCOL_ERROR"));
}

TEST_CASE("http2: messages that are not well formed are broken") {
  const std::string begin = settings();
  CHECK(contains(problem_after(begin + head(1, field("server", "x"))), "response is not valid"));
  CHECK(contains(problem_after(begin + head(1, status("abc"))), "response is not valid"));
  CHECK(contains(problem_after(begin + data(1, "x")), "not valid"));
  CHECK(contains(problem_after(begin + head(1, status("101"))), "101"));
  CHECK(contains(problem_after(begin + head(1, status("099"))), "no status 99"));
  CHECK(contains(problem_after(begin + head(1, status("103"), k_end_stream)), "not valid"));
  const std::string three = head(1, status("200") + field("content-length", "3"));
  CHECK(contains(problem_after(begin + three + data(1, "four")), "response is not valid"));
  CHECK(contains(problem_after(begin + three + data(1, "ab", k_end_stream)), "not valid"));
  CHECK(contains(problem_after(begin + head(1, status("200")) + head(1, field("x", "y"))),
                 "(HEADERS, PROTOCOL_ERROR)"));
}

TEST_CASE(
    "http2: pushes are broken, before and after the settings that forbid them are confirmed") {
  const std::string push =
      frame(k_push_promise, k_end_headers, 1,
            big_endian(2, 4) + field(":method", "GET") + field(":scheme", "https") +
                field(":authority", "a") + field(":path", "/"));
  CHECK(contains(problem_after(settings() + push), "not valid"));
  CHECK(contains(problem_after(settings() + frame(k_settings, k_ack, 0, "") + push), "not valid"));
}

TEST_CASE("http2: what the server put into an error is shown in one line and bounded") {
  const std::string problem =
      problem_after(settings() + head(1, field(":status", "\n\x1b[31m" + std::string(5'000, 'x'))));
  CHECK(problem.size() < 300);
  CHECK_FALSE(contains(problem, "\n"));
  CHECK_FALSE(contains(problem, "\x1b"));
}

TEST_CASE("http2: request headers beyond what can be sent are broken, not refused") {
  Http2Client client;
  RequestHead head = simple_request();
  head.headers.emplace_back("x-large", std::string(100'000, 'v'));
  client.session.begin(head, "{}", client.sink);
  client.drain();
  check_broken(client.session, "the request's headers cannot be sent");
}

TEST_CASE("http2: an exception of the sink ends the session and goes no further") {
  struct Throwing : RecordingSink {
    void on_body(std::string_view) override { throw std::runtime_error("full"); }
  };
  Throwing sink;
  Http2Session session;
  session.begin(simple_request(), "{}", sink);
  std::string output;
  session.take_output(output, 100'000);
  session.feed(settings() + head(1, status("200")) + data(1, "x"));
  check_broken(session, "internal error");
}
