#include "transport/http/http2_client.hpp"
#include "transport/http/http2_frames.hpp"

#include <doctest/doctest.h>
#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

using namespace inferometer::transport::http;

namespace {

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
  CHECK(send_flood(client, goaway(k_last_stream, NGHTTP2_NO_ERROR)) == 10'001);
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
