#include "transport/http/http2_client.hpp"
#include "transport/http/http2_frames.hpp"

#include <doctest/doctest.h>
#include <nghttp2/nghttp2.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace inferometer::transport::http;

namespace {

constexpr std::uint32_t k_any_stream = 0x7fff'ffff;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A client whose response has begun and lacks its end.
struct ReadingClient : Http2Client {
  ReadingClient() {
    begin();
    feed(settings() + head(1, status("200")) + data(1, "some"));
  }
};

struct Flood {
  std::string name;
  std::string bytes;
};

const std::vector<Flood>& floods() {
  static const std::vector<Flood> k_all{
      {"PING", ping()},
      {"PING", frame(k_ping, k_ack, 0, "12345678")},
      {"SETTINGS", settings()},
      {"PRIORITY", frame(k_priority, k_none, 1, big_endian(0, 4) + '\x10')},
      {"PRIORITY", frame(k_priority, k_none, 77, big_endian(0, 4) + '\x10')},
      {"WINDOW_UPDATE", frame(k_window_update, k_none, 0, big_endian(1, 4))},
      {"ALTSVC", frame(k_altsvc, k_none, 0, std::string("\0\1ah2=\":443\"", 12))},
      {"ORIGIN", frame(k_origin, k_none, 0, "")},
      {"PRIORITY_UPDATE", frame(16, k_none, 0, big_endian(1, 4) + "u=1")},
      {"type 187", frame(187, k_none, 5, "payload")},
  };
  return k_all;
}

/// Sends the flood until that ends the connection or has lasted too long, and returns how many
/// frames that were.
std::size_t send_flood(Http2Client& client, const std::string& bytes) {
  const bool usable = client.session.usable();
  const Progress progress = client.session.progress();
  std::size_t frames = 0;
  while (frames < 20'000 && client.session.usable() == usable &&
         client.session.progress() == progress) {
    client.feed(bytes);
    ++frames;
  }
  return frames;
}

void check_broken(const Http2Session& session, std::string_view problem) {
  CAPTURE(session.problem());
  CHECK(session.progress() == Progress::broken);
  CHECK(contains(session.problem(), problem));
  CHECK_FALSE(session.usable());
}

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

TEST_CASE("http2: frames without data are bounded while a response is read") {
  for (const Flood& flood : floods()) {
    CAPTURE(flood.name);
    ReadingClient client;
    const std::size_t frames = send_flood(client, flood.bytes);
    CHECK(frames == 10'001);
    check_broken(client.session, flood.name);
    CHECK(contains(client.session.problem(), "10000 frames"));
    CHECK(client.output.size() < 200'000);
  }
}

TEST_CASE("http2: repeated GOAWAYs are bounded") {
  ReadingClient client;
  CHECK(send_flood(client, goaway(k_any_stream, NGHTTP2_NO_ERROR)) == 10'001);
  check_broken(client.session, "GOAWAY");
}

TEST_CASE("http2: frames without data are bounded while no stream is open") {
  for (const Flood& flood : floods()) {
    CAPTURE(flood.name);
    ReadingClient client;
    client.feed(data(1, "", k_end_stream));
    REQUIRE(client.session.usable());
    CHECK(send_flood(client, flood.bytes) == 10'001);
    CHECK(client.session.progress() == Progress::complete);
    CHECK(contains(client.session.problem(), flood.name));
    CHECK_FALSE(client.session.usable());
  }
}

TEST_CASE("http2: frames without data are bounded before the first request") {
  Http2Client client;
  client.feed(settings());
  CHECK(send_flood(client, ping()) == 10'000);
  check_broken(client.session, "PING");
}

TEST_CASE("http2: data of the response starts the count of other frames anew") {
  ReadingClient client;
  std::string bytes;
  for (int i = 0; i < 9'000; ++i) {
    bytes += settings();
  }
  for (int i = 0; i < 3; ++i) {
    for (std::size_t at = 0; at < bytes.size(); at += 9 * 500) {
      client.feed(std::string_view(bytes).substr(at, 9 * 500));
    }
    client.feed(data(1, "x"));
  }
  CHECK(client.session.progress() == Progress::reading);
}

TEST_CASE("http2: data frames without data are bounded") {
  const std::string padding(256, '\xff');
  const std::vector<std::string> empty{data(1, ""), frame(k_data, k_padded, 1, padding),
                                       frame(k_data, k_padded, 1, std::string(1, '\0'))};
  for (const std::string& bytes : empty) {
    CAPTURE(bytes.size());
    ReadingClient client;
    CHECK(send_flood(client, bytes) <= 10'001);
    check_broken(client.session, "DATA");
  }
}

TEST_CASE("http2: data on a stream that was reset is bounded, but not what was on its way") {
  ReadingClient client;
  client.session.cancel();
  client.drain();
  const std::string bytes = data(1, std::string(16'384, 'x'));
  for (int i = 0; i < 64; ++i) {
    client.feed(bytes);
  }
  CHECK(client.session.usable());
  CHECK(send_flood(client, bytes) < 65);
  CHECK(client.sink.body == "some");
}

TEST_CASE("http2: headers on a stream that was reset are bounded") {
  ReadingClient client;
  client.session.cancel();
  client.drain();
  client.feed(frame(k_headers, k_none, 1, field("x-name", "value")));
  CHECK(send_flood(client, frame(k_continuation, k_none, 1, field("x-name", "value"))) <= 10'001);
  CHECK_FALSE(client.session.usable());
}

TEST_CASE("http2: frames of unknown types are bounded by their bytes") {
  ReadingClient client;
  CHECK(send_flood(client, frame(99, k_none, 0, std::string(16'384, 'x'))) < 130);
  check_broken(client.session, "more than 2 MiB without data of the response, type 99 last");
}

TEST_CASE("http2: resets of idle and of closed streams") {
  ReadingClient idle;
  idle.feed(rst_stream(9, NGHTTP2_CANCEL));
  check_broken(idle.session, "PROTOCOL_ERROR");

  ReadingClient closed;
  closed.feed(data(1, "", k_end_stream));
  closed.begin();
  CHECK(send_flood(closed, rst_stream(1, NGHTTP2_NO_ERROR)) <= 10'001);
  CHECK(closed.session.progress() == Progress::broken);
}

TEST_CASE("http2: answers that the server does not take are bounded") {
  ReadingClient client;
  for (int i = 0; i < 10'000 && client.session.problem().empty(); ++i) {
    client.session.feed(ping() + data(1, "x"));
  }
  check_broken(client.session, "more than 64 KiB");
  CHECK_FALSE(client.session.take_output(client.output, 1'000'000));
  CHECK(client.output.size() < 1'000);
}

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

TEST_CASE("http2: headers and trailers that do not end are bounded") {
  for (const bool trailers : {false, true}) {
    CAPTURE(trailers);
    Http2Client client;
    client.begin();
    client.feed(settings() + (trailers ? head(1, status("200")) : ""));
    client.feed(frame(k_headers, trailers ? k_end_stream : k_none, 1,
                      trailers ? field("x-first", "1") : status("200")));
    CHECK(send_flood(client, frame(k_continuation, k_none, 1, "")) <= 10'001);
    CHECK(client.session.progress() == Progress::broken);
  }
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
  client.feed(settings() + goaway(k_any_stream, NGHTTP2_NO_ERROR));
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

TEST_CASE("http2: what the server put into a complaint is shown in one line and bounded") {
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
