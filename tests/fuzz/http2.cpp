#include "fuzz/input.hpp"
#include "transport/http/http2_session.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// A server may send any bytes, cut anywhere: what a client makes of them does not depend on the
// cuts, its output is bounded by what it was sent, and nothing follows the end of a response.

namespace {

using namespace inferometer;
using transport::http::Http2Session;
using transport::http::Progress;

constexpr std::size_t k_request_bytes = 512;
/// The beginning of a good connection, which is hard to guess.
constexpr std::string_view k_settings{"\0\0\0\4\0\0\0\0\0", 9};

struct Sink : transport::http::ResponseSink {
  void on_head(transport::http::ResponseHead head) override {
    fuzz::require(heads++ == 0 && head.status >= 200);
    text = std::to_string(head.status);
    for (const auto& [name, value] : head.headers) {
      text.append("|").append(name).append("=").append(value);
    }
  }
  void on_body(std::string_view piece) override {
    fuzz::require(heads == 1 && !piece.empty());
    text += piece;
  }
  int heads = 0;
  std::string text;
};

struct Client {
  void begin() {
    session.begin({.method = "POST",
                   .scheme = "http",
                   .authority = "a",
                   .target = "/",
                   .headers = {},
                   .secret_headers = {}},
                  "request", sink);
    allowance += k_request_bytes;
  }
  void drain(std::size_t limit) {
    session.take_output(output, limit);
    fuzz::require(output.size() <= allowance);
  }
  void feed(std::string_view bytes) {
    session.feed(bytes);
    allowance += 2 * bytes.size();
  }

  std::string output;
  std::size_t allowance = k_request_bytes;
  Sink sink;
  Http2Session session;
};

std::string outcome(std::string_view bytes, std::size_t piece) {
  Client client;
  client.begin();
  client.drain(k_request_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    client.feed(bytes.substr(at, piece));
    client.drain(k_request_bytes);
  }
  const bool usable = client.session.usable();
  const bool begun = client.session.begun();
  client.session.finish();
  fuzz::require(client.session.progress() != Progress::reading && !client.session.usable());
  const Progress progress = client.session.progress();
  fuzz::require(progress == Progress::complete || !client.session.problem().empty());
  // How much of a bad frame is passed on before nghttp2 finds it bad depends on the cuts.
  return (progress == Progress::broken ? "" : client.sink.text) + '|' +
         std::to_string(static_cast<int>(progress)) + (usable ? "u" : "") + (begun ? "b" : "");
}

/// Requests that follow one another, cancelled now and then, with little room for output.
void follow(std::string_view bytes, std::size_t piece, std::uint8_t cancel_every) {
  Client client;
  std::size_t turn = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (client.session.usable()) {
      client.sink.heads = 0;
      client.begin();
    }
    client.drain(turn % 7);
    client.feed(bytes.substr(at, piece));
    const std::size_t seen = client.sink.text.size();
    if (++turn % (cancel_every + 1U) == 0) {
      client.session.cancel();
      client.feed(bytes.substr(at, piece));
      fuzz::require(client.sink.text.size() == seen);
    }
  }
  client.drain(k_request_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = input.byte() % 64U + 1;
  const std::uint8_t flags = input.byte();
  std::string bytes((flags & 1U) != 0 ? k_settings : "");
  bytes += input.rest();
  fuzz::require(outcome(bytes, bytes.size() + 1) == outcome(bytes, piece));
  follow(bytes, piece, flags / 2);
  return 0;
}
