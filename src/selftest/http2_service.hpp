#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct nghttp2_session;

namespace inferometer::selftest {

/// The server's side of HTTP/2 on one connection, on nghttp2, as far as an answer in pieces needs
/// it. Any request is answered alike, one stream at a time. Uses no sockets. Not thread-safe.
class Http2Service {
 public:
  Http2Service();
  Http2Service(const Http2Service&) = delete;
  Http2Service& operator=(const Http2Service&) = delete;
  ~Http2Service();

  /// Takes bytes of the connection, and appends what answers them to `output`; false if the
  /// connection is over.
  [[nodiscard]] bool receive(std::string_view bytes, std::string& output);

  /// Whether a whole request has come that was not taken yet; takes it.
  [[nodiscard]] bool take_request();

  /// Append the answer's parts: its head, one DATA frame, the end. What the client's window does
  /// not let through comes with a later `receive`.
  void send_head(std::string& output);
  void send_data(std::string_view text, std::string& output);
  void send_end(std::string& output);

  /// Whether the client's window keeps some of it.
  [[nodiscard]] bool is_held() const { return !m_waiting.empty(); }

 private:
  struct Callbacks;

  void resume(std::string& output);
  void take_output(std::string& output);

  nghttp2_session* m_session = nullptr;
  std::int32_t m_request = 0;  // the stream of a whole request that was not taken; 0: none
  std::int32_t m_stream = 0;   // the one that is being answered
  std::string m_waiting;       // of its body
  bool m_ended = false;        // nothing comes after that
};

}  // namespace inferometer::selftest
