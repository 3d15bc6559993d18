#pragma once

#include "transport/http/response_head.hpp"

#include <string_view>

namespace inferometer::transport::http {

/// Receives one response from a codec, in order and while the codec is fed: the head once, then the
/// body without its framing, in pieces. A piece is valid during the call only.
class ResponseSink {
 public:
  ResponseSink() = default;
  ResponseSink(const ResponseSink&) = delete;
  ResponseSink& operator=(const ResponseSink&) = delete;
  virtual ~ResponseSink() = default;

  virtual void on_head(ResponseHead head) = 0;
  virtual void on_body(std::string_view piece) = 0;
};

/// Where a codec stands in the response.
enum class Progress {
  reading,   ///< more is to come
  complete,  ///< the response is whole, as its framing says
  lost,      ///< the connection or the stream ended before the response was whole
  refused,   ///< the server said that it did not take the request up (HTTP/2 only)
  broken,    ///< not valid HTTP, or beyond a bound
};

}  // namespace inferometer::transport::http
