#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace inferometer::http {

inline constexpr std::string_view k_line_end = "\r\n";

/// The head of a request, taken apart: views of the bytes that it was read from.
struct Head {
  struct Line {
    std::string_view name;
    std::string_view value;  ///< without the blanks around it
  };

  std::string_view method;
  std::string_view path;   ///< as sent, without the query
  std::string_view query;  ///< as sent
  std::string_view host;   ///< the host and port in the request: from the target or from Host
  std::vector<Line> lines;
  bool has_body = false;    ///< Content-Length or Transfer-Encoding announces one
  bool persistent = false;  ///< HTTP/1.1

  /// The values of all lines of that name, in the order sent and joined by ", ", as RFC 9110,
  /// section 5.3 says; empty if there is none.
  [[nodiscard]] std::string value_of(std::string_view name) const;
};

/// Reads a head up to and including its empty line. What two readers could understand differently,
/// so that one of them takes for a request what the other takes for a body, is an error, as is all
/// that RFC 9112 requires a server to reject (sections 2.2, 3, 3.2, 5.1, 5.2, 6.1 and 6.3). The
/// error is for the client and repeats nothing of the request.
[[nodiscard]] base::Result<Head> read_head(std::string_view head);

/// The path that `read_head` finds in a head that it accepts, with less work and for any bytes.
[[nodiscard]] std::string_view path_of(std::string_view head);

}  // namespace inferometer::http
