#pragma once

#include "transport/http/http2_connection.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace inferometer::transport::http {

/// A new session of a client, whose events go to `connection`, which must outlive it; no exception
/// of theirs passes through C. Throws std::bad_alloc.
[[nodiscard]] nghttp2_session* new_client_session(Http2Connection& connection);

/// What nghttp2 hands over as bytes.
[[nodiscard]] std::string_view text_of(const std::uint8_t* bytes, std::size_t size);

/// Where such a session finds the body of a request: next_body_bytes() and write_body().
[[nodiscard]] nghttp2_data_provider body_provider();

}  // namespace inferometer::transport::http
