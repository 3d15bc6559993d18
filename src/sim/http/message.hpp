#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The part of HTTP/1.1 (RFC 9112) that a server of small requests needs. Knows no sockets.
namespace inferometer::sim::http {

using Header = std::pair<std::string, std::string>;

inline constexpr std::size_t k_longest_head = std::size_t{64} * 1024;
inline constexpr std::size_t k_longest_body = std::size_t{16} * 1024 * 1024;

struct Request {
  std::string method;
  std::string path;             ///< without the query
  std::string query = {};       ///< what follows the first `?`
  std::vector<Header> headers;  ///< names in lower case, values trimmed
  std::string body;

  /// The value of the first header of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;

  /// Whether the client keeps the connection after the response.
  [[nodiscard]] bool keep_alive() const;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::vector<Header> headers;
  std::string body;
};

/// The response as bytes, framed by Content-Length.
[[nodiscard]] std::string render(const Response& response, bool keep_alive);

/// The head of a 200 response whose body comes in chunks.
[[nodiscard]] std::string render_chunked_head(std::string_view content_type,
                                              const std::vector<Header>& headers, bool keep_alive);

/// Appends `payload`, which is not empty, to `out` as one chunk.
void append_chunk(std::string& out, std::string_view payload);

/// Ends a body of chunks.
inline constexpr std::string_view k_last_chunk = "0\r\n\r\n";

/// Takes the bytes of one connection and gives its requests, one after another. Holds at most one
/// head and body, and the bytes that were appended after them.
class RequestReader {
 public:
  enum class State { incomplete, complete, failed };

  /// Why the bytes are no request that can be answered; the connection is of no use after it.
  struct Failure {
    int status = 400;
    std::string message;
  };

  void append(std::string_view bytes) { m_buffer.append(bytes); }

  /// Reads on as far as the bytes go. After `complete`, take() the request before the next call.
  [[nodiscard]] State advance();

  /// True once, if the client waits for `100 Continue` before it sends the body.
  [[nodiscard]] bool take_expectation() { return std::exchange(m_expects_continue, false); }

  [[nodiscard]] Request take();

  [[nodiscard]] const Failure& failure() const { return m_failure; }

  /// Bytes that belong to no request yet.
  [[nodiscard]] std::size_t buffered() const { return m_buffer.size(); }

 private:
  enum class Phase { head, body, chunk_size, chunk_end, trailer, done };

  /// What one step made of the buffer.
  enum class Step { starved, advanced, failed };

  Step step();
  Step read_head();
  Step read_framing();
  Step read_body();
  Step read_chunk_size();
  Step read_chunk_end();
  Step read_trailer();
  Step fail(int status, std::string message);
  bool next_line(std::string_view& line);

  std::string m_buffer;
  std::size_t m_position = 0;  ///< in the buffer: what lies before it has been used
  std::size_t m_searched = 0;  ///< of an unfinished head: what is known not to hold its end
  std::size_t m_trailer_size = 0;
  std::uint64_t m_remaining = 0;  ///< of the body, or of the chunk
  Phase m_phase = Phase::head;
  bool m_chunked = false;
  bool m_expects_continue = false;
  Request m_request;
  Failure m_failure;
};

}  // namespace inferometer::sim::http
