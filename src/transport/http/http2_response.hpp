#pragma once

#include "base/error.hpp"
#include "transport/http/message.hpp"

#include <cstddef>
#include <string_view>

namespace inferometer::transport::http {

/// Puts one response together from the header blocks and the data of an HTTP/2 stream, for a sink,
/// and bounds the headers, the trailers and the interim responses. Not thread-safe.
class Http2Response {
 public:
  static constexpr std::size_t k_max_header_list = std::size_t{256} << 10U;

  Http2Response() = default;
  explicit Http2Response(ResponseSink& sink) : m_sink(&sink) {}

  /// A header block begins: an interim response, the head or the trailers, which are dropped.
  void begin_block();
  /// The next field of the block, pseudo-fields included; an error if there are too many of them.
  [[nodiscard]] base::Result<void> take_field(std::string_view name, std::string_view value);
  /// The block has ended. An error if its status is none, or if it is one interim response too
  /// many.
  [[nodiscard]] base::Result<void> end_block();
  void take_data(std::string_view piece);

  /// Whether any part of a response has come.
  [[nodiscard]] bool begun() const { return m_begun; }

 private:
  ResponseSink* m_sink = nullptr;
  ResponseHead m_head;  ///< of the block that comes
  std::size_t m_block_bytes = 0;
  int m_interim = 0;
  bool m_begun = false;
  bool m_head_given = false;
};

}  // namespace inferometer::transport::http
