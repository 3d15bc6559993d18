#pragma once

#include "base/error.hpp"
#include "transport/http/message.hpp"

#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// The bytes of a request of HTTP/1.1 (RFC 9112) with that body: `Host` from the authority unless a
/// header has that name, the headers in their order, the secret ones, and Content-Length for each
/// POST and each body. Adds no other header.
/// An error, which shows no value, if a part would not arrive as what it is: line ends and NUL in a
/// value, what no name, method or target can hold, or a header that frames the body.
/// The result holds the secret headers in clear: keep it out of logs and errors, and wipe it when
/// it is sent. No other copy of them is left in memory.
[[nodiscard]] base::Result<std::string> write_http1_request(const RequestHead& head,
                                                            std::string_view body);

}  // namespace inferometer::transport::http
