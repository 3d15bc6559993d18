#pragma once

#include "base/error.hpp"
#include "transport/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What the lines of an HTTP/1.1 response mean (RFC 9112), each line without its end. An error says
/// what is wrong, for people.
namespace inferometer::transport::http {

/// How each status line that we take begins, but for the minor version.
inline constexpr std::string_view k_http1_prefix = "HTTP/1.";

struct StatusLine {
  int minor_version = 1;  ///< 0 or 1
  int status = 0;         ///< three digits, from 100 on
};

/// RFC 9112 §4. The reason phrase may be missing, and the blank before it too. A status that no
/// class of RFC 9110 covers (600 and above) is taken as it is.
[[nodiscard]] base::Result<StatusLine> parse_status_line(std::string_view line);

/// RFC 9112 §5. The name in lower case, the value without blanks at its ends. More is taken as a
/// name than RFC 9110 has: all but blanks, control characters and colons. A folded line is an
/// error.
[[nodiscard]] base::Result<std::pair<std::string, std::string>> parse_field_line(
    std::string_view line);

/// The size that a chunk's line begins with, and how many bytes of extensions stand behind it.
struct ChunkLine {
  std::uint64_t size = 0;
  std::size_t extension_bytes = 0;
};

/// Bounds of a chunk's line.
inline constexpr std::size_t k_max_chunk_digits = 16;  ///< what 64 bits need
inline constexpr std::size_t k_max_chunk_extension_bytes = 256;

/// RFC 9112 §7.1. What the extensions say is ignored.
[[nodiscard]] base::Result<ChunkLine> parse_chunk_line(std::string_view line);

/// How a response's body is delimited, and whether the connection outlives it.
struct Framing {
  bool chunked = false;
  std::optional<std::uint64_t> length;  ///< none if chunked, or if the connection's end is the end
  bool reusable = false;
};

/// RFC 9112 §6.3 and §9.3 for a response to GET or POST: the framing is an error if two readers
/// could disagree about it, but a Content-Length beside chunks only makes the connection unusable.
[[nodiscard]] base::Result<Framing> framing_of(int minor_version, const ResponseHead& head);

}  // namespace inferometer::transport::http
