#include "transport/http/http2_session.hpp"

#include "transport/http/http2_client.hpp"
#include "transport/http/http2_frames.hpp"
#include "transport/http/http2_peer.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::base::Secret;
using namespace inferometer::transport::http;

namespace {

const Http2Peer::Fields k_ok{{":status", "200"}, {"content-type", "text/event-stream"}};

std::string megabytes(std::size_t count) {
  std::string text(count << 20U, 'x');
  for (std::size_t at = 0; at < text.size(); at += 4096) {
    text[at] = static_cast<char>('a' + at / 4096 % 26);
  }
  return text;
}

}  // namespace

TEST_CASE("http2: a session tells whether bytes came behind the body") {
  ReadingClient client;
  CHECK(client.session.ends_in_body());
  client.feed(ping());
  CHECK_FALSE(client.session.ends_in_body());
  const std::string frame = data(1, "more");
  for (std::size_t at = 0; at < frame.size(); ++at) {
    CAPTURE(at);
    client.feed(frame.substr(at, 1));
    CHECK(client.session.ends_in_body() == (at >= 9));
  }
  client.feed(data(1, "text") + ping());
  CHECK_FALSE(client.session.ends_in_body());
  client.feed(data(1, "") + data(1, "text"));
  CHECK(client.session.ends_in_body());
  CHECK(client.sink.body == "somemoretexttext");
}

TEST_CASE("http2: a request arrives with lower-case names and without what belongs to HTTP/1.1") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  client.begin({.method = "POST",
                .scheme = "https",
                .authority = "10.0.0.1:8443",
                .target = "/v1/chat?stream=1",
                .headers = {{"Content-Type", "application/json"},
                            {"Connection", "keep-alive"},
                            {"Keep-Alive", "5"},
                            {"Transfer-Encoding", "chunked"},
                            {"Upgrade", "h2c"},
                            {"Proxy-Connection", "close"},
                            {"Content-Length", "7"},
                            {"HOST", "api.example"}},
                .secret_headers = {{"Authorization", Secret("Bearer key")}}},
               "{\"a\": 1}", sink);
  exchange(client, peer);
  const Http2Peer::Request& request = peer.request(1);
  CHECK(request.fields == Http2Peer::Fields{{":method", "POST"},
                                            {":scheme", "https"},
                                            {":authority", "api.example"},
                                            {":path", "/v1/chat?stream=1"},
                                            {"content-type", "application/json"},
                                            {"authorization", "Bearer key"},
                                            {"content-length", "8"}});
  CHECK(request.unindexed == std::vector<std::string>{"authorization"});
  CHECK(request.body == "{\"a\": 1}");
  CHECK(request.ended);
  CHECK(client.request_taken());
  CHECK(client.progress() == Progress::reading);
  CHECK_FALSE(client.begun());
  CHECK_FALSE(client.usable());
}

TEST_CASE("http2: a request without a body ends with its headers") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  RequestHead head = simple_request();
  head.method = "GET";
  client.begin(head, "", sink);
  CHECK_FALSE(client.request_taken());
  exchange(client, peer);
  CHECK(client.request_taken());
  CHECK(peer.request(1).ended);
  CHECK(peer.request(1).field(":authority") == "api.example");
  CHECK(peer.request(1).field("content-length") == "(none)");
}

TEST_CASE("http2: the settings forbid pushes and leave room so that few window updates are sent") {
  Http2Session client;
  Http2Peer peer;
  CHECK(client.usable());
  exchange(client, peer);
  const auto setting = [&peer](nghttp2_settings_id id) {
    return nghttp2_session_get_remote_settings(peer.session(), id);
  };
  CHECK(setting(NGHTTP2_SETTINGS_ENABLE_PUSH) == 0);
  CHECK(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) == 1U << 20U);
  CHECK(setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE) == 256U << 10U);
  CHECK(nghttp2_session_get_remote_window_size(peer.session()) == 16 << 20);
  CHECK(client.usable());
}

TEST_CASE("http2: a response is complete with the end of its stream") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  peer.send_interim(1, "100");
  exchange(client, peer);
  CHECK(client.begun());
  CHECK(sink.heads == 0);
  peer.send_trailers_after_body({{"x-checksum", "1"}});
  peer.respond(1, {{":status", "429"}, {"retry-after", "7"}}, "slow down");
  exchange(client, peer);
  CHECK(client.progress() == Progress::complete);
  CHECK(client.problem().empty());
  CHECK(sink.heads == 1);
  CHECK(sink.head.status == 429);
  CHECK(sink.head.headers == Http2Peer::Fields{{"retry-after", "7"}});
  CHECK(sink.body == "slow down");
  client.finish();
  CHECK(client.progress() == Progress::complete);
  CHECK(client.problem().empty());
  CHECK_FALSE(client.usable());
}

TEST_CASE("http2: a connection carries one stream after the other") {
  Http2Session client;
  Http2Peer peer;
  for (const std::int32_t stream : {1, 3, 5}) {
    CAPTURE(stream);
    RecordingSink sink;
    REQUIRE(client.usable());
    client.begin(simple_request(), "{}", sink);
    CHECK_FALSE(client.begun());
    CHECK_FALSE(client.request_taken());
    exchange(client, peer);
    CHECK(peer.request(stream).ended);
    peer.respond(stream, k_ok, stream == 3 ? "" : std::to_string(stream));
    exchange(client, peer);
    CHECK(client.progress() == Progress::complete);
    CHECK(sink.header("content-type") == "text/event-stream");
    CHECK(sink.body == (stream == 3 ? "" : std::to_string(stream)));
  }
  CHECK(client.usable());
}

TEST_CASE("http2: a large response flows with few window updates") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  const std::string body = megabytes(20);
  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  peer.respond(1, k_ok, body);
  std::string output;
  std::size_t updates = 0;
  for (std::string sent = peer.take_output(); !sent.empty(); sent = peer.take_output()) {
    client.feed(sent);
    output.clear();
    client.take_output(output, Http2Client::k_no_limit);
    updates += output.size() / frame(k_window_update, k_none, 0, "1234").size();
    peer.feed(output);
  }
  CHECK(client.progress() == Progress::complete);
  CHECK(sink.body == body);
  CHECK(updates <= 42);
}

TEST_CASE("http2: a large request flows as the window allows and in pieces of the limit") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer(100'000);
  const std::string body = megabytes(2);
  client.begin(simple_request(), body, sink);
  std::string output;
  while (!client.request_taken()) {
    output.clear();
    const bool more = client.take_output(output, 20'000);
    REQUIRE(output.size() < 20'000 + 16'384 + 1'000);
    REQUIRE((more || !output.empty()));
    peer.feed(output);
    CHECK(peer.request(1).ended == client.request_taken());
    client.feed(peer.take_output());
  }
  CHECK(peer.request(1).body == body);
  peer.respond(1, k_ok, "done");
  exchange(client, peer);
  CHECK(client.progress() == Progress::complete);
}

TEST_CASE("http2: output waits where there is no room for it") {
  Http2Session client;
  RecordingSink sink;
  client.begin(simple_request(), "{}", sink);
  std::string output;
  CHECK(client.take_output(output, 0));
  CHECK(output.empty());
  CHECK_FALSE(client.take_output(output, Http2Client::k_no_limit));
  CHECK(client.request_taken());
  CHECK_FALSE(client.take_output(output, 0));
}

TEST_CASE("http2: pings are answered, between streams too") {
  Http2Session client;
  Http2Peer peer;
  RecordingSink sink;
  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  REQUIRE(nghttp2_submit_ping(peer.session(), NGHTTP2_FLAG_NONE, nullptr) == 0);
  exchange(client, peer);
  peer.respond(1, k_ok, "");
  exchange(client, peer);
  REQUIRE(nghttp2_submit_ping(peer.session(), NGHTTP2_FLAG_NONE, nullptr) == 0);
  exchange(client, peer);
  CHECK(peer.pings_answered() == 2);
}

TEST_CASE(
    "http2: a response that does not wait for the request is complete, and the rest is reset") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer(1'000);
  {
    const std::string body = megabytes(1);
    client.begin(simple_request(), body, sink);
    std::string output;
    CHECK_FALSE(client.take_output(output, Http2Client::k_no_limit));
    peer.feed(output);
    peer.respond(1, {{":status", "413"}}, "too large");
    client.feed(peer.take_output());
    CHECK(client.progress() == Progress::complete);
    CHECK(sink.body == "too large");
  }
  exchange(client, peer);
  CHECK(peer.request(1).reset_code == NGHTTP2_CANCEL);
  CHECK_FALSE(client.request_taken());
  CHECK(client.usable());
}

TEST_CASE("http2: cancelling resets the stream at once, and the connection stays usable") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  peer.respond(1, k_ok, megabytes(1));
  const std::string in_flight = peer.take_output();
  client.feed(std::string_view(in_flight).substr(0, 5'000));
  const std::string seen = sink.body;
  client.cancel();
  CHECK(client.progress() == Progress::lost);
  CHECK_FALSE(client.usable());
  std::string output;
  client.take_output(output, 0);
  peer.feed(output);
  CHECK(peer.request(1).reset_code == NGHTTP2_CANCEL);
  client.feed(std::string_view(in_flight).substr(5'000));
  CHECK(sink.body == seen);
  REQUIRE(client.usable());

  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  peer.respond(3, k_ok, "second");
  exchange(client, peer);
  CHECK(client.progress() == Progress::complete);
  CHECK(sink.body == seen + "second");
}

TEST_CASE("http2: a request that is cancelled before it went out leaves no trace") {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  client.begin(simple_request(), "{}", sink);
  client.cancel();
  exchange(client, peer);
  CHECK(peer.requests() == 0);
  CHECK(client.progress() == Progress::lost);
  REQUIRE(client.usable());
  client.cancel();
  client.begin(simple_request(), "{}", sink);
  exchange(client, peer);
  CHECK(peer.requests() == 1);
}

TEST_CASE("http2: a sink may cancel what it is given") {
  struct Cancelling : RecordingSink {
    explicit Cancelling(Http2Session& owner) : session(owner) {}
    void on_body(std::string_view piece) override {
      RecordingSink::on_body(piece);
      session.cancel();
    }
    Http2Session& session;
  };
  Http2Session session;
  Cancelling sink(session);
  session.begin(simple_request(), "{}", sink);
  std::string output;
  session.take_output(output, Http2Client::k_no_limit);
  session.feed(settings() + head(1, status("200")) + data(1, "one") + data(1, "two", k_end_stream));
  CHECK(sink.body == "one");
  CHECK(session.progress() == Progress::lost);
  output.clear();
  session.take_output(output, 0);
  CHECK(output.ends_with(rst_stream(1, NGHTTP2_CANCEL)));
  CHECK(session.usable());
}
