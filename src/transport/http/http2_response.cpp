#include "transport/http/http2_response.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace inferometer::transport::http {
namespace {

/// What a field counts beyond its text (RFC 9113, section 6.5.2).
constexpr std::size_t k_field_overhead = 32;
constexpr int k_max_interim = 16;

}  // namespace

void Http2Response::begin_block() {
  m_begun = true;
  m_head = {};
  m_block_bytes = 0;
}

base::Result<void> Http2Response::take_field(std::string_view name, std::string_view value) {
  m_block_bytes += name.size() + value.size() + k_field_overhead;
  if (m_block_bytes > k_max_header_list) {
    return base::fail(fmt::format("the response has more than {} KiB of {} (HEADERS)",
                                  k_max_header_list >> 10U, m_head_given ? "trailers" : "headers"));
  }
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), m_head.status);
  } else if (!m_head_given) {
    m_head.headers.emplace_back(name, base::trimmed(value));
  }
  return {};
}

base::Result<void> Http2Response::end_block() {
  const int status = m_head.status;
  if (m_head_given) {
    return {};
  }
  if (status < 100 || status == 101) {  // RFC 9113, section 8.6: HTTP/2 has no 101
    return base::fail(fmt::format("HTTP/2 has no status {} (HEADERS)", status));
  }
  if (status >= 200) {
    m_head_given = true;
    m_sink->on_head(std::move(m_head));
  } else if (++m_interim > k_max_interim) {
    return base::fail(fmt::format("the server sent more than {} interim responses (HEADERS, {})",
                                  k_max_interim, status));
  }
  return {};
}

void Http2Response::take_data(std::string_view piece) {
  m_sink->on_body(piece);
}

}  // namespace inferometer::transport::http
