#pragma once

#include "transport/http/message.hpp"

#include <nghttp2/nghttp2.h>

#include <string_view>
#include <vector>

namespace inferometer::transport::http {

/// The fields of a request as nghttp2 takes them: views of `head` and `content_length`, which is
/// left out where it is empty. What belongs to a connection of HTTP/1.1 (RFC 9113, section 8.2.2)
/// is left out too; `host` becomes the authority; no index of HPACK's keeps a secret.
[[nodiscard]] std::vector<nghttp2_nv> request_fields(const RequestHead& head,
                                                     std::string_view content_length);

}  // namespace inferometer::transport::http
