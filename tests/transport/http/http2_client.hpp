#pragma once

#include "fakes/contains.hpp"
#include "transport/http/http2_frames.hpp"
#include "transport/http/http2_session.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// Keeps what it is given. Not `ResponseHead::header`, so as to depend on the codec alone.
struct RecordingSink : ResponseSink {
  void on_head(ResponseHead given) override {
    ++heads;
    head = std::move(given);
  }
  void on_body(std::string_view piece) override {
    ++pieces;
    body.append(piece);
  }

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [other, value] : head.headers) {
      if (other == name) {
        return value;
      }
    }
    return "(none)";
  }

  int heads = 0;
  int pieces = 0;
  ResponseHead head;
  std::string body;
};

inline RequestHead simple_request() {
  return {.method = "POST",
          .scheme = "https",
          .authority = "api.example",
          .target = "/v1/chat",
          .headers = {{"content-type", "application/json"}},
          .secret_headers = {}};
}

/// A session with a request that is under way, for a peer that is played by hand.
struct Http2Client {
  Http2Session session;
  RecordingSink sink;
  std::string output;  ///< all of it

  void begin(std::string_view body = "{}") {
    session.begin(simple_request(), body, sink);
    drain();
  }
  void feed(std::string_view bytes) {
    session.feed(bytes);
    drain();
  }
  /// Returns what was new.
  std::string drain() {
    const std::size_t before = output.size();
    while (session.take_output(output, k_no_limit)) {
    }
    return output.substr(before);
  }

  static constexpr std::size_t k_no_limit = std::numeric_limits<std::size_t>::max();
};

/// A client whose response has begun and lacks its end.
struct ReadingClient : Http2Client {
  ReadingClient() {
    begin();
    feed(settings() + head(1, status("200")) + data(1, "some"));
  }
};

using fakes::contains;

/// The session has ended with that problem.
inline void check_broken(const Http2Session& session, std::string_view problem) {
  CAPTURE(session.problem());
  CHECK(session.progress() == Progress::broken);
  CHECK(contains(session.problem(), problem));
  CHECK_FALSE(session.usable());
}

}  // namespace inferometer::transport::http
