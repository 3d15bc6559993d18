#pragma once

#include "transport/http/response_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// Reads the responses of one HTTP/1.1 connection (RFC 9112), strictly, however their bytes are cut.
/// Everything is bounded: status line, headers and trailers, interim responses, chunk sizes and
/// their extensions. Works in time linear in the bytes. Not thread-safe.
class Http1Parser {
 public:
  /// Makes ready for the response to another request; `head_request` responses have no body.
  void begin();

  /// Takes the next bytes of the connection and returns how many belong to the response: fewer than
  /// all once it is complete. REQUIRES: progress() == Progress::reading.
  std::size_t feed(std::string_view bytes, ResponseSink& sink);

  /// The connection has ended: complete where that ends a body, otherwise lost.
  void finish();

  [[nodiscard]] Progress progress() const;
  /// What broke, for people; empty while nothing did.
  [[nodiscard]] const std::string& problem() const;
  /// Whether any byte of the response has come.
  [[nodiscard]] bool begun() const;
  /// Whether the connection may carry another request. REQUIRES: progress() == Progress::complete.
  [[nodiscard]] bool reusable() const;
  /// "1.0" or "1.1"; empty before the status line has come.
  [[nodiscard]] std::string_view version() const;
};

}  // namespace inferometer::transport::http
