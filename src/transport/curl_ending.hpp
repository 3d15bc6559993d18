#pragma once

#include "transport/transport.hpp"

#include <curl/curl.h>

namespace inferometer::transport {

/// What is known of a finished libcurl transfer.
struct CurlResult {
  CURLcode code = CURLE_OK;
  long system_error = 0;       ///< errno of the failed call, 0 if no call failed
  bool clear_text = false;     ///< no TLS
  bool request_begun = false;  ///< a connection was ready
  bool within_head = false;    ///< some of the response's headers have come, not all
};

/// libcurl's code says what broke, the rest says for whom: before the request began it is the
/// connection's set-up, afterwards the exchange itself.
[[nodiscard]] Ending ending_of(const CurlResult& result);

}  // namespace inferometer::transport
