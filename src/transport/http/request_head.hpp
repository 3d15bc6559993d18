#pragma once

#include "base/secret.hpp"

#include <string>
#include <utility>
#include <vector>

namespace inferometer::transport::http {

/// A request without its body, as both versions of HTTP need it. Names may be in any case.
struct RequestHead {
  std::string method;
  std::string scheme;     ///< "http" or "https"
  std::string authority;  ///< host, and the port where it is not the scheme's own
  std::string target;     ///< path and query; a whole URL where a proxy of plain HTTP is asked
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, base::Secret>> secret_headers;
};

}  // namespace inferometer::transport::http
