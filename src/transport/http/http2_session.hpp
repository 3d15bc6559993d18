#pragma once

#include "transport/http/message.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// The client's side of one HTTP/2 connection (RFC 9113) on nghttp2, with at most one stream at a
/// time: streams that share a connection delay one another. Everything that a peer can send without
/// end is bounded: header bytes, interim responses, frames that carry no data of the response,
/// output that answers them. Uses no sockets. Not thread-safe.
///
/// An error of the connection is final: from then on usable() is false and no call does anything.
class Http2Session {
 public:
  Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  ~Http2Session();

  /// Opens a stream. `body` must live until progress() is no longer `reading`. The response goes to
  /// `sink`, which must live as long; it may call cancel(). Headers that belong to a connection
  /// (RFC 9113, section 8.2.2) are left out, `host` stands in for the authority, and content-length
  /// is that of `body`. REQUIRES: usable().
  void begin(const RequestHead& head, std::string_view body, ResponseSink& sink);

  /// Takes bytes of the connection, also while no stream is open (settings, pings, GOAWAY).
  void feed(std::string_view bytes);

  /// The connection has ended: a response that is not whole is lost.
  void finish();

  /// Resets the stream that is open, if one is: the server is to spend no more on it. The response
  /// is lost, and the next take_output() holds the reset, whatever its limit.
  void cancel();

  /// Appends what is to be written, at most about `limit` bytes, and returns whether there may be
  /// more. Call it after each of the calls above and when the socket can take more.
  bool take_output(std::string& output, std::size_t limit);

  /// Whether the request has gone into the output whole.
  [[nodiscard]] bool request_taken() const;
  /// Of the stream that was begun last; before the first, of the connection.
  [[nodiscard]] Progress progress() const;
  /// What went wrong with that stream, or with the connection since, for people; empty while
  /// nothing did.
  [[nodiscard]] const std::string& problem() const;
  /// Whether the last byte fed was one of the body.
  [[nodiscard]] bool ends_in_body() const;
  /// Whether any part of a response to the last request has come.
  [[nodiscard]] bool begun() const;
  /// Whether the connection may carry another request: no error, no GOAWAY, the last stream ended
  /// and its reset, if it needed one, was put out.
  [[nodiscard]] bool usable() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::transport::http
