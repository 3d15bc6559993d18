#pragma once

#include "transport/http/http2_connection.hpp"
#include "transport/http/message.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// What nghttp2 is given, and what it calls.
namespace inferometer::transport::http {

/// The fields of a request as nghttp2 takes them: views of `head` and `content_length`, which is
/// left out where it is empty. What belongs to a connection of HTTP/1.1 (RFC 9113, section 8.2.2)
/// is left out too; `host` becomes the authority; no index of HPACK's keeps a secret.
[[nodiscard]] std::vector<nghttp2_nv> request_fields(const RequestHead& head,
                                                     std::string_view content_length);

/// A new session of a client, whose events go to `connection`, which must outlive it; no exception
/// of theirs passes through C. Throws std::bad_alloc.
[[nodiscard]] nghttp2_session* new_client_session(Http2Connection& connection);

/// What nghttp2 hands over as bytes.
[[nodiscard]] std::string_view text_of(const std::uint8_t* bytes, std::size_t size);

/// Where such a session finds the body of a request: next_body_bytes() and write_body().
[[nodiscard]] nghttp2_data_provider body_provider();

}  // namespace inferometer::transport::http
