#pragma once

#include "transport/http/http2_session.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::transport::http {

/// A server's side of one connection, on nghttp2, for tests.
class Http2Peer {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  struct Request {
    Fields fields;
    std::vector<std::string> unindexed;  ///< names that HPACK was forbidden to index
    std::string body;
    bool ended = false;
    std::uint32_t reset_code = 0;

    /// The value of that field, or "(none)".
    [[nodiscard]] std::string field(std::string_view name) const;
  };

  /// `window` is how much of a request's body it lets come at once.
  explicit Http2Peer(std::uint32_t window = 65'535);

  void feed(std::string_view bytes);
  /// What it has to say now.
  std::string take_output();

  void respond(std::int32_t stream, const Fields& fields, std::string body);
  void send_interim(std::int32_t stream, const std::string& status);
  void send_trailers_after_body(Fields trailers) { m_trailers = std::move(trailers); }

  [[nodiscard]] nghttp2_session* session() const { return m_session.get(); }
  [[nodiscard]] Request& request(std::int32_t stream) { return m_requests[stream]; }
  [[nodiscard]] std::size_t requests() const { return m_requests.size(); }
  [[nodiscard]] int pings_answered() const { return m_pings_answered; }

 private:
  struct Body {
    std::string text;
    std::size_t at = 0;
  };
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  void set_callbacks(nghttp2_session_callbacks* callbacks);
  static ssize_t read(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                      std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                      void* user);

  std::map<std::int32_t, Request> m_requests;
  std::map<std::int32_t, Body> m_bodies;
  Fields m_trailers;
  int m_pings_answered = 0;
  std::unique_ptr<nghttp2_session, Deleter> m_session;
};

/// Carries bytes between the two until neither has any, the client's in pieces of about `limit`,
/// and returns how many the server sent.
std::size_t exchange(Http2Session& client, Http2Peer& peer, std::size_t limit = 65'536);

}  // namespace inferometer::transport::http
