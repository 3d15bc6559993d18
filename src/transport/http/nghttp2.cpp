#include "transport/http/nghttp2.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>

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

template <auto Delete>
struct Deleter {
  template <typename Value>
  void operator()(Value* value) const {
    Delete(value);
  }
};
using Option = std::unique_ptr<nghttp2_option, Deleter<nghttp2_option_del>>;
using Callbacks =
    std::unique_ptr<nghttp2_session_callbacks, Deleter<nghttp2_session_callbacks_del>>;

/// The calls below fail for want of memory alone.
void require_success(int result) {
  if (result != 0) {
    throw std::bad_alloc();
  }
}

/// Does the work of a callback and returns what nghttp2 expects.
template <typename Work>
int guarded(void* user, const Work& work) noexcept {
  auto& connection = *static_cast<Http2Connection*>(user);
  try {
    work(connection);
  } catch (...) {
    connection.fail("internal error");  // short enough to need no memory
  }
  return connection.over() ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_block_begun(frame->hd.stream_id); });
}

int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
              std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
              std::uint8_t, void* user) noexcept {
  return guarded(user, [&](auto& connection) {
    connection.on_field(frame->hd.stream_id, text_of(name, name_size), text_of(value, value_size));
  });
}

int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                  std::size_t size, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_data(id, text_of(data, size)); });
}

int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_frame(*frame); });
}

int on_error(nghttp2_session*, int, const char* text, std::size_t size, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_library_error({text, size}); });
}

int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_sent(*frame); });
}

int on_frame_not_send(nghttp2_session*, const nghttp2_frame* frame, int error,
                      void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_not_sent(*frame, error); });
}

int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) noexcept {
  return guarded(user, [&](auto& connection) { connection.on_closed(id); });
}

/// Copies nothing: send_data() writes the bytes where they belong.
ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t length,
                  std::uint32_t* flags, nghttp2_data_source*, void* user) noexcept {
  bool last = false;
  const ssize_t size = static_cast<Http2Connection*>(user)->next_body_bytes(id, length, last);
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (last) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  }
  return size;
}

int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* header, std::size_t size,
              nghttp2_data_source*, void* user) noexcept {
  constexpr std::size_t k_header_bytes = 9;
  return guarded(user, [&](auto& connection) {
    connection.write_body(text_of(header, k_header_bytes), size);
  });
}

Callbacks make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  require_success(nghttp2_session_callbacks_new(&made));
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
  nghttp2_session_callbacks_set_error_callback2(made, on_error);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_send);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(made, on_frame_not_send);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(made, send_data);
  return Callbacks(made);
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

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_session* new_client_session(Http2Connection& connection) {
  nghttp2_option* option = nullptr;
  nghttp2_session* session = nullptr;
  require_success(nghttp2_option_new(&option));
  const Option option_owner(option);
  // Blanks around a value are no reason to lose the header.
  nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
  require_success(
      nghttp2_session_client_new2(&session, make_callbacks().get(), &connection, option));
  return session;
}

nghttp2_data_provider body_provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = read_body;
  return provider;
}

}  // namespace inferometer::transport::http
