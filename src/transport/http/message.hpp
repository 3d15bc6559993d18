#pragma once

#include "base/secret.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::transport::http {

/// A request without its body, as both versions of HTTP need it. Names may be in any case.
struct RequestHead {
  std::string method;
  std::string scheme;     ///< "http" or "https"
  std::string authority;  ///< host, and the port where it is not the scheme's own
  std::string target;     ///< path and query; a whole URL where a proxy of plain HTTP is asked
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, base::Secret>> secret_headers;
};

struct ResponseHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case

  /// The value of the first header of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The values of all of them, as the one list that they stand for (RFC 9110, section 5.3).
  [[nodiscard]] std::string joined(std::string_view name) const;
};

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
