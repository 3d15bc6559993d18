#include "protocol/cuts.hpp"
#include "transport/http/http2_client.hpp"
#include "transport/http/http2_frames.hpp"
#include "transport/http/http2_peer.hpp"
#include "transport/http/http2_session.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::transport::http;

namespace {

/// What a server sends for one simple request, from its first byte on.
std::string recorded_response() {
  Http2Session client;
  RecordingSink sink;
  Http2Peer peer;
  client.begin(simple_request(), "{}", sink);
  std::string output;
  client.take_output(output, Http2Client::k_no_limit);
  peer.feed(output);
  peer.send_interim(1, "103");
  peer.send_trailers_after_body({{"x-checksum", "1"}});
  peer.respond(1, {{":status", "200"}, {"content-type", "text/event-stream"}},
               "data: one\n\ndata: two\n\n");
  return peer.take_output() + ping();
}

}  // namespace

TEST_CASE("http2: headers of 100 KB are taken, and blanks around a value are not part of it") {
  Http2Client client;
  client.begin();
  const std::string large(50'000, 'v');
  const std::string block =
      status("200") + field("x-one", large) + field("x-two", large) + field("x-blank", " a b\t");
  client.feed(settings() + frame(k_headers, k_end_stream, 1, block.substr(0, 16'384)));
  for (std::size_t at = 16'384; at < block.size(); at += 16'384) {
    const bool last = at + 16'384 >= block.size();
    client.feed(frame(k_continuation, last ? k_end_headers : k_none, 1, block.substr(at, 16'384)));
  }
  CHECK(client.session.progress() == Progress::complete);
  CHECK((client.sink.header("x-one") == large && client.sink.header("x-two") == large));
  CHECK(client.sink.header("x-blank") == "a b");
}

TEST_CASE("http2: a response is the same however its bytes are cut") {
  const std::string response = recorded_response();
  for (const auto& pieces : inferometer::protocol::cuts(response)) {
    CAPTURE(pieces.front().size());
    Http2Client client;
    client.begin();
    for (const std::string_view piece : pieces) {
      client.feed(piece);
    }
    CHECK(client.session.progress() == Progress::complete);
    CHECK(client.session.usable());
    CHECK(client.sink.heads == 1);
    CHECK(client.sink.body == "data: one\n\ndata: two\n\n");
  }
}

TEST_CASE("http2: headers in many frames are the same byte by byte") {
  const std::string first = field("x-first", "1");
  const std::string bytes =
      settings() + frame(k_headers, k_none, 1, status("200")) +
      frame(k_continuation, k_none, 1, first.substr(0, 3)) +
      frame(k_continuation, k_none, 1, first.substr(3)) + frame(k_continuation, k_none, 1, "") +
      frame(k_continuation, k_end_headers, 1, field("x-last", "2")) + data(1, "", k_end_stream);
  Http2Client client;
  client.begin();
  for (const char byte : bytes) {
    client.feed({&byte, 1});
  }
  CHECK(client.session.progress() == Progress::complete);
  CHECK(client.sink.head.headers == Http2Peer::Fields{{"x-first", "1"}, {"x-last", "2"}});
}

TEST_CASE("http2: a response that is cut short anywhere is lost") {
  const std::string response = recorded_response();
  const std::size_t whole = response.size() - ping().size();
  for (std::size_t size = 0; size < whole; ++size) {
    CAPTURE(size);
    Http2Client client;
    client.begin();
    client.feed(std::string_view(response).substr(0, size));
    client.session.finish();
    CHECK(client.session.progress() == Progress::lost);
    CHECK_FALSE(client.session.problem().empty());
    CHECK_FALSE(client.session.usable());
  }
}

TEST_CASE("http2: data is passed on as it comes") {
  Http2Client client;
  client.begin();
  client.feed(settings() + head(1, status("200")));
  const std::string message = data(1, "abcdef");
  client.feed(std::string_view(message).substr(0, 11));
  CHECK(client.sink.body == "ab");
  client.feed(std::string_view(message).substr(11));
  CHECK(client.sink.body == "abcdef");
  CHECK(client.sink.pieces == 2);
}
