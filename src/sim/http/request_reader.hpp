#pragma once

#include "sim/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::sim::http {

inline constexpr std::size_t k_longest_head = std::size_t{64} * 1024;
inline constexpr std::size_t k_longest_body = std::size_t{16} * 1024 * 1024;

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
