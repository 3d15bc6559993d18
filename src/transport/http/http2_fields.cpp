#include "transport/http/http2_fields.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace inferometer::transport::http {
namespace {

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2 copies the field, its name in lower case, and writes to neither.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

nghttp2_nv field(std::string_view name, std::string_view value,
                 std::uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  return {.name = bytes_of(name),
          .value = bytes_of(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = flags};
}

bool is_left_out(std::string_view name) {
  constexpr std::array<std::string_view, 7> k_left_out{
      "connection",       "content-length",    "host",   "keep-alive",
      "proxy-connection", "transfer-encoding", "upgrade"};
  return std::any_of(k_left_out.begin(), k_left_out.end(), [name](std::string_view other) {
    return base::equal_ignoring_case(name, other);
  });
}

std::string_view authority_of(const RequestHead& head) {
  const auto host = std::find_if(head.headers.begin(), head.headers.end(), [](const auto& header) {
    return base::equal_ignoring_case(header.first, "host");
  });
  return host == head.headers.end() ? head.authority : host->second;
}

}  // namespace

std::vector<nghttp2_nv> request_fields(const RequestHead& head, std::string_view content_length) {
  std::vector<nghttp2_nv> fields{field(":method", head.method), field(":scheme", head.scheme),
                                 field(":authority", authority_of(head)),
                                 field(":path", head.target)};
  for (const auto& [name, value] : head.headers) {
    if (!is_left_out(name)) {
      fields.push_back(field(name, value));
    }
  }
  for (const auto& [name, value] : head.secret_headers) {
    if (!is_left_out(name)) {
      fields.push_back(field(name, value.reveal(), NGHTTP2_NV_FLAG_NO_INDEX));
    }
  }
  if (!content_length.empty()) {
    fields.push_back(field("content-length", content_length));
  }
  return fields;
}

}  // namespace inferometer::transport::http
