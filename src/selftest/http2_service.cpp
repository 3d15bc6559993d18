#include "selftest/http2_service.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>

namespace inferometer::selftest {
namespace {

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {.name = bytes(name),
          .value = bytes(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

/// What nghttp2 calls; `user` is the service.
struct Http2Service::Callbacks {
  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    const bool ends = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ends) {
      static_cast<Http2Service*>(user)->m_request = frame->hd.stream_id;
    }
    return 0;
  }

  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t /*stream*/,
                           std::uint8_t* buffer, std::size_t length, std::uint32_t* flags,
                           nghttp2_data_source* /*source*/, void* user) {
    auto& service = *static_cast<Http2Service*>(user);
    std::string& waiting = service.m_waiting;
    const std::size_t size = std::min(length, waiting.size());
    std::copy_n(waiting.data(), size, buffer);
    waiting.erase(0, size);
    if (waiting.empty() && service.m_ended) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (size == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(size);
  }
};

Http2Service::Http2Service() {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) {
    throw std::bad_alloc();
  }
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame);
  const int made = nghttp2_session_server_new(&m_session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) {
    throw std::bad_alloc();
  }
  const nghttp2_settings_entry one_stream{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1};
  nghttp2_submit_settings(m_session, NGHTTP2_FLAG_NONE, &one_stream, 1);
}

Http2Service::~Http2Service() {
  nghttp2_session_del(m_session);
}

bool Http2Service::receive(std::string_view bytes, std::string& output) {
  const ssize_t taken = nghttp2_session_mem_recv(
      m_session, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) {
    return false;
  }
  take_output(output);
  return nghttp2_session_want_read(m_session) != 0;
}

bool Http2Service::take_request() {
  if (m_request == 0) {
    return false;
  }
  m_stream = m_request;
  m_request = 0;
  m_waiting.clear();
  m_ended = false;
  return true;
}

void Http2Service::send_head(std::string& output) {
  const std::array headers{header(":status", "200"), header("content-type", "text/event-stream")};
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::read_body;
  nghttp2_submit_response(m_session, m_stream, headers.data(), headers.size(), &body);
  take_output(output);
}

void Http2Service::send_data(std::string_view text, std::string& output) {
  m_waiting += text;
  resume(output);
}

void Http2Service::send_end(std::string& output) {
  m_ended = true;
  resume(output);
}

void Http2Service::resume(std::string& output) {
  nghttp2_session_resume_data(m_session, m_stream);
  take_output(output);
}

void Http2Service::take_output(std::string& output) {
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size = nghttp2_session_mem_send(m_session, &bytes); size > 0;
       size = nghttp2_session_mem_send(m_session, &bytes)) {
    output.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
}

}  // namespace inferometer::selftest
