#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The messages of HTTP/1.1 (RFC 9112), so far as a server of small requests needs them.
namespace inferometer::sim::http {

using Header = std::pair<std::string, std::string>;

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

}  // namespace inferometer::sim::http
