#include "transport/http/http2_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace inferometer::transport::http {
namespace {

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::vector<nghttp2_nv> fields_of(const Http2Peer::Fields& fields) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  std::vector<nghttp2_nv> all;
  for (const auto& [name, value] : fields) {
    all.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return all;
}

Http2Peer& peer_of(void* user) {
  return *static_cast<Http2Peer*>(user);
}

}  // namespace

std::string Http2Peer::Request::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const auto& field) { return field.first == name; });
  return found == fields.end() ? "(none)" : found->second;
}

Http2Peer::Http2Peer(std::uint32_t window) {
  nghttp2_session_callbacks* callbacks = nullptr;
  REQUIRE(nghttp2_session_callbacks_new(&callbacks) == 0);
  set_callbacks(callbacks);
  nghttp2_session* session = nullptr;
  REQUIRE(nghttp2_session_server_new(&session, callbacks, this) == 0);
  nghttp2_session_callbacks_del(callbacks);
  m_session.reset(session);
  const std::array<nghttp2_settings_entry, 1> settings{
      {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}}};
  REQUIRE(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) ==
          0);
}

void Http2Peer::set_callbacks(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t flags, void* user) {
        Request& request = peer_of(user).request(frame->hd.stream_id);
        request.fields.emplace_back(text_of(name, name_size), text_of(value, value_size));
        if ((flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0) {
          request.unindexed.push_back(text_of(name, name_size));
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                    std::size_t size, void* user) {
        peer_of(user).request(stream).body += text_of(bytes, size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        Http2Peer& peer = peer_of(user);
        const bool in_stream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (in_stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          peer.request(frame->hd.stream_id).ended = true;
        } else if (frame->hd.type == NGHTTP2_RST_STREAM) {
          peer.request(frame->hd.stream_id).reset_code = frame->rst_stream.error_code;
        } else if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
          ++peer.m_pings_answered;
        }
        return 0;
      });
}

void Http2Peer::feed(std::string_view bytes) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  REQUIRE(nghttp2_session_mem_recv(session(), begin, bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
}

std::string Http2Peer::take_output() {
  std::string output;
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session(), &bytes)) > 0;) {
    output += text_of(bytes, static_cast<std::size_t>(size));
  }
  return output;
}

ssize_t Http2Peer::read(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                        std::size_t size, std::uint32_t* flags, nghttp2_data_source*, void* user) {
  Http2Peer& peer = peer_of(user);
  Body& body = peer.m_bodies[stream];
  const std::size_t taken = std::min(size, body.text.size() - body.at);
  std::copy_n(body.text.begin() + static_cast<std::ptrdiff_t>(body.at), taken, buffer);
  body.at += taken;
  if (body.at == body.text.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!peer.m_trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto trailers = fields_of(peer.m_trailers);
      nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size());
    }
  }
  return static_cast<ssize_t>(taken);
}

void Http2Peer::respond(std::int32_t stream, const Fields& fields, std::string body) {
  nghttp2_data_provider provider{};
  provider.read_callback = read;
  const bool has_body = !body.empty();
  m_bodies[stream].text = std::move(body);
  const auto all = fields_of(fields);
  REQUIRE(nghttp2_submit_response(session(), stream, all.data(), all.size(),
                                  has_body ? &provider : nullptr) == 0);
}

void Http2Peer::send_interim(std::int32_t stream, const std::string& status) {
  const Fields fields{{":status", status}, {"link", "</style.css>"}};
  const auto all = fields_of(fields);
  REQUIRE(nghttp2_submit_headers(session(), NGHTTP2_FLAG_NONE, stream, nullptr, all.data(),
                                 all.size(), nullptr) == 0);
}

std::size_t exchange(Http2Session& client, Http2Peer& peer, std::size_t limit) {
  std::size_t sent = 0;
  for (bool more = true; more;) {
    std::string output;
    more = client.take_output(output, limit);
    peer.feed(output);
    const std::string answer = peer.take_output();
    client.feed(answer);
    sent += answer.size();
    more = more || !output.empty() || !answer.empty();
  }
  return sent;
}

}  // namespace inferometer::transport::http
