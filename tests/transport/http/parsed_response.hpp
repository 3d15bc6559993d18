#pragma once

#include "protocol/cuts.hpp"
#include "transport/http/http1_parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::transport::http {

/// What a response is to those behind the parser.
struct ParsedResponse {
  Progress progress = Progress::reading;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string version;
  bool reusable = false;
  std::size_t heads = 0;
  std::size_t left = 0;  ///< bytes behind the response
  std::string problem;

  bool operator==(const ParsedResponse&) const = default;
};

class Recorder : public ResponseSink {
 public:
  explicit Recorder(ParsedResponse& reading) : m_reading(reading) {}

  void on_head(ResponseHead head) override {
    CHECK(m_reading.body.empty());
    ++m_reading.heads;
    m_reading.status = head.status;
    m_reading.headers = std::move(head.headers);
  }
  void on_body(std::string_view piece) override {
    CHECK(m_reading.heads == 1);
    CHECK_FALSE(piece.empty());
    m_reading.body.append(piece);
  }

 private:
  ParsedResponse& m_reading;
};

/// Feeds the pieces, then ends the connection if that is asked for. A broken response has no bytes
/// behind it.
inline ParsedResponse read(const std::vector<std::string_view>& pieces, bool finish) {
  ParsedResponse reading;
  Recorder recorder(reading);
  Http1Parser parser;
  for (const std::string_view piece : pieces) {
    std::size_t taken = 0;
    if (parser.progress() == Progress::reading) {
      taken = parser.feed(piece, recorder);
    }
    reading.left += piece.size() - taken;
  }
  if (finish) {
    parser.finish();
  }
  reading.progress = parser.progress();
  reading.version = parser.version();
  reading.problem = parser.problem();
  reading.reusable = reading.progress == Progress::complete && parser.reusable();
  if (reading.progress == Progress::broken) {
    reading.left = 0;
  }
  CHECK(reading.problem.empty() == (reading.progress != Progress::broken));
  return reading;
}

/// The reading, which is the same however the bytes are cut.
inline ParsedResponse read_however_cut(std::string_view bytes, bool finish = false) {
  const ParsedResponse whole = read({bytes}, finish);
  for (const auto& pieces : protocol::cuts(bytes)) {
    CAPTURE(pieces.front().size());
    CHECK(read(pieces, finish) == whole);
  }
  return whole;
}

}  // namespace inferometer::transport::http
