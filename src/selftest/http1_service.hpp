#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::selftest {

/// The server's side of HTTP/1.1 on one connection, as far as an answer in chunks needs it. Any
/// request is answered alike, one at a time. Uses no sockets. Not thread-safe.
class Http1Service {
 public:
  /// Takes bytes of the connection; false if they are no request that it understands.
  [[nodiscard]] bool receive(std::string_view bytes);

  /// Whether a whole request has come that was not taken yet; takes it.
  [[nodiscard]] bool take_request();

  /// Append the answer's parts: its head, one chunk, the end.
  static void send_head(std::string& output);
  static void send_chunk(std::string_view text, std::string& output);
  static void send_end(std::string& output);

 private:
  std::string m_input;
};

}  // namespace inferometer::selftest
