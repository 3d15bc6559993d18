#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::transport::http {

struct ResponseHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case

  /// The value of the first header of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The values of all of them, as the one list that they stand for (RFC 9110, section 5.3).
  [[nodiscard]] std::string joined(std::string_view name) const;
};

}  // namespace inferometer::transport::http
