#pragma once

#include "transport/http/http1_lines.hpp"
#include "transport/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// Reads the responses of one HTTP/1.1 connection (RFC 9112) to requests of GET and POST, strictly,
/// however their bytes are cut. A line may end in LF alone; a CR alone is broken. Interim responses
/// (1xx) are passed over, trailers are dropped, a switch of protocols is broken. Works in time
/// linear in the bytes and copies none but lines that are cut. Not thread-safe.
class Http1Parser {
 public:
  // Bounds of one response, its interim ones included, beyond which it is broken. Lines count with
  // their ends.
  static constexpr std::size_t k_max_head_bytes = 256UL * 1024;
  static constexpr std::size_t k_max_status_line_bytes = 8UL * 1024;
  static constexpr std::size_t k_max_header_lines = 512;
  static constexpr std::size_t k_max_interim_responses = 16;
  static constexpr std::size_t k_max_extension_bytes = 64UL * 1024;  ///< of all chunks
  static constexpr std::size_t k_max_trailer_bytes = 16UL * 1024;
  static constexpr std::size_t k_max_trailer_lines = 64;

  /// Makes ready for the response to another request, as a new parser is.
  void begin();

  /// Takes the next bytes of the connection and returns how many belong to the response: fewer than
  /// all only once it is complete or broken. Pieces of the body are views of `bytes`.
  /// REQUIRES: progress() == Progress::reading.
  std::size_t feed(std::string_view bytes, ResponseSink& sink);

  /// The connection has ended: complete where that ends a body, otherwise lost. Changes nothing
  /// once the response has ended.
  void finish();

  [[nodiscard]] Progress progress() const { return m_response.progress; }
  /// What broke, for people; empty unless progress() == Progress::broken.
  [[nodiscard]] const std::string& problem() const { return m_problem; }
  /// Whether the last byte fed was one of the body or of the line end behind a chunk.
  [[nodiscard]] bool ends_in_body() const { return m_ends_in_body; }
  /// Whether any byte of the response has come.
  [[nodiscard]] bool begun() const { return m_response.begun; }
  /// Whether the connection may carry another request, if no byte follows the response.
  /// REQUIRES: progress() == Progress::complete.
  [[nodiscard]] bool reusable() const { return m_response.framing.reusable; }
  /// "1.0" or "1.1"; empty before the status line has come.
  [[nodiscard]] std::string_view version() const;

 private:
  enum class State {
    status_line,
    header,
    body,
    body_until_close,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
  };

  struct Response {
    Progress progress = Progress::reading;
    State state = State::status_line;
    bool begun = false;
    int minor_version = -1;  // before the status line
    ResponseHead head;
    Framing framing;
    std::uint64_t body_left = 0;  // of the body, or of a chunk
    // What may still come of each.
    std::size_t head_bytes = k_max_head_bytes;
    std::size_t header_lines = k_max_header_lines;
    std::size_t interim_responses = k_max_interim_responses;
    std::size_t extension_bytes = k_max_extension_bytes;
    std::size_t trailer_bytes = k_max_trailer_bytes;
    std::size_t trailer_lines = k_max_trailer_lines;
  };

  /// How long the next line may be with its LF, and what is wrong with a longer one.
  struct LineBound {
    std::size_t bytes;
    const char* problem;
  };

  [[nodiscard]] LineBound line_bound() const;
  void take_line(std::string_view& rest, ResponseSink& sink);
  void use_line(std::string_view line, ResponseSink& sink);
  void use_status_line(std::string_view line);
  void use_header(std::string_view line, ResponseSink& sink);
  void end_head(ResponseSink& sink);
  void use_chunk_size(std::string_view line);
  void use_trailer(std::string_view line);
  void take_body(std::string_view& rest, ResponseSink& sink);
  void break_off(std::string problem);

  Response m_response;
  bool m_ends_in_body = false;
  std::string m_line;  // the beginning of a line whose end has not come yet
  std::string m_problem;
};

}  // namespace inferometer::transport::http
