#include "transport/http/http2_connection.hpp"

#include "base/printable.hpp"
#include "transport/http/nghttp2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace inferometer::transport::http {
namespace {

constexpr std::uint32_t k_stream_window = std::uint32_t{1} << 20U;
/// Large, since each WINDOW_UPDATE costs a system call and wakes the loop.
constexpr std::int32_t k_connection_window = std::int32_t{16} << 20U;
constexpr std::size_t k_max_waiting = std::size_t{64} << 10U;

/// Of what the server sent, in bytes.
constexpr std::size_t k_longest_shown = 200;

std::string ended_by(std::string_view frame, std::uint32_t code) {
  const char* const name = nghttp2_http2_strerror(code);
  if (code == NGHTTP2_HTTP_1_1_REQUIRED) {
    return fmt::format(R"(the server wants HTTP/1.1 ({}, {}): set http_version: "1.1")", frame,
                       name);
  }
  return fmt::format("the server ended the stream ({}, {})", frame, name);
}

bool ends_message(const nghttp2_frame_hd& header) {
  return (header.type == NGHTTP2_HEADERS || header.type == NGHTTP2_DATA) &&
         (header.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

Http2Connection::Http2Connection() : m_session(new_client_session(*this)) {
  constexpr std::array<nghttp2_settings_entry, 3> k_settings{{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, k_stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, Http2Response::k_max_header_list},
  }};
  const int settings = nghttp2_submit_settings(m_session.get(), NGHTTP2_FLAG_NONE,
                                               k_settings.data(), k_settings.size());
  const int window = nghttp2_session_set_local_window_size(m_session.get(), NGHTTP2_FLAG_NONE, 0,
                                                           k_connection_window);
  if (settings != 0 || window != 0) {
    throw std::bad_alloc();  // what else may fail there is not so with these values
  }
}

void Http2Connection::begin(const RequestHead& head, std::string_view body, ResponseSink& sink) {
  if (m_over) {
    return;
  }
  const std::string content_length = body.empty() ? "" : std::to_string(body.size());
  const auto fields = request_fields(head, content_length);
  const nghttp2_data_provider provider = body_provider();
  m_stream = Stream{};
  m_problem.clear();
  m_meter.reset();
  const std::int32_t id =
      nghttp2_submit_request(m_session.get(), nullptr, fields.data(), fields.size(),
                             body.empty() ? nullptr : &provider, nullptr);
  if (id < 0) {
    fail(nghttp2_strerror(id));
    return;
  }
  m_stream.id = id;
  m_stream.response = Http2Response(sink);
  m_stream.body = body;
  m_stream.open = true;
}

/// Frame by frame, so that each is counted and answered before the next is looked at.
void Http2Connection::feed(std::string_view bytes) {
  while (!bytes.empty() && !m_over) {
    m_ends_in_body = false;
    const std::string_view piece = m_meter.next(bytes);
    if (piece.empty()) {
      return;
    }
    m_library_error.clear();
    const ssize_t taken = nghttp2_session_mem_recv(
        m_session.get(), reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size());
    if (taken < 0) {
      fail(fmt::format("{} ({})", nghttp2_strerror(static_cast<int>(taken)), m_meter.frame_name()));
    } else if (nghttp2_session_want_write(m_session.get()) != 0) {
      pump(m_pending, 0);
    }
    if (m_meter.exceeded()) {
      fail(m_meter.problem());
    } else if (m_pending.size() > k_max_waiting) {
      fail(fmt::format("the server takes no answers to its frames: more than {} KiB of them wait",
                       k_max_waiting >> 10U));
    }
  }
}

void Http2Connection::finish() {
  if (m_over) {
    return;
  }
  end(Progress::lost, m_goaway_code == NGHTTP2_NO_ERROR
                          ? "the connection ended before the response was whole"
                          : ended_by("GOAWAY", m_goaway_code));
  m_over = true;
}

void Http2Connection::cancel() {
  if (!m_over && is_reading(m_stream.id)) {
    end(Progress::lost, "cancelled");
    reset();
  }
}

/// Writes what nghttp2 has ready, and of the request's body about `body_room` bytes.
void Http2Connection::pump(std::string& output, std::size_t body_room) {
  m_output = &output;
  m_body_room = body_room;
  m_paused = false;
  while (!m_over) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(m_session.get(), &data);
    if (size < 0) {
      fail(nghttp2_strerror(static_cast<int>(size)));
    }
    if (size <= 0) {
      break;
    }
    output.append(text_of(data, static_cast<std::size_t>(size)));
  }
}

bool Http2Connection::take_output(std::string& output, std::size_t limit) {
  if (m_over) {
    return false;
  }
  if (limit == 0 && !m_reset_waits) {
    return !m_pending.empty() || nghttp2_session_want_write(m_session.get()) != 0;
  }
  const std::size_t room = limit - std::min(limit, m_pending.size());
  output.append(m_pending);
  m_pending.clear();
  pump(output, room);
  m_reset_waits = false;
  m_stream.request_taken = m_stream.request_framed;
  return m_paused && !m_over;
}

void Http2Connection::end(Progress progress, std::string why) {
  if (m_stream.progress == Progress::reading) {
    m_stream.progress = progress;
    m_stream.body = {};
    m_problem = std::move(why);
  }
}

void Http2Connection::complete() {
  end(Progress::complete, "");
  m_meter.reset();
  if (!m_stream.request_framed) {
    reset();  // the server did without the rest of the request
  }
}

void Http2Connection::fail(std::string why) {
  if (m_over) {
    return;
  }
  m_over = true;
  if (m_stream.progress == Progress::reading) {
    end(Progress::broken, std::move(why));
  } else if (m_problem.empty()) {
    m_problem = std::move(why);
  }
}

void Http2Connection::reject(std::string_view what, std::uint32_t code, std::string_view detail) {
  fail(fmt::format("{} is not valid ({}, {}){}{}", what, m_meter.frame_name(),
                   nghttp2_http2_strerror(code), detail.empty() ? "" : ": ", detail));
}

void Http2Connection::reset() {
  m_reset_waits = true;
  const int result =
      nghttp2_submit_rst_stream(m_session.get(), NGHTTP2_FLAG_NONE, m_stream.id, NGHTTP2_CANCEL);
  if (result != 0) {
    fail(nghttp2_strerror(result));
  }
}

bool Http2Connection::usable() const {
  return !m_over && !m_stream.open && nghttp2_session_check_request_allowed(m_session.get()) != 0;
}

bool Http2Connection::is_reading(std::int32_t id) const {
  return m_stream.open && id == m_stream.id && m_stream.progress == Progress::reading;
}

void Http2Connection::require(const base::Result<void>& result) {
  if (!result) {
    fail(result.error().message);
  }
}

void Http2Connection::on_block_begun(std::int32_t id) {
  if (is_reading(id)) {
    m_stream.response.begin_block();
  }
}

void Http2Connection::on_field(std::int32_t id, std::string_view name, std::string_view value) {
  if (is_reading(id)) {
    require(m_stream.response.take_field(name, value));
  }
}

void Http2Connection::on_data(std::int32_t id, std::string_view piece) {
  if (is_reading(id) && !piece.empty()) {
    m_meter.reset();
    m_ends_in_body = true;
    m_stream.response.take_data(piece);
  }
}

void Http2Connection::on_frame(const nghttp2_frame& frame) {
  const std::int32_t id = frame.hd.stream_id;
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    m_goaway_code = frame.goaway.error_code;
  }
  if (frame.hd.type == NGHTTP2_HEADERS && is_reading(id)) {
    require(m_stream.response.end_block());
  }
  if (ends_message(frame.hd) && is_reading(id)) {
    complete();
  }
  if (frame.hd.type == NGHTTP2_RST_STREAM && is_reading(id)) {
    const std::uint32_t code = frame.rst_stream.error_code;
    const bool refused = code == NGHTTP2_REFUSED_STREAM && !begun();
    end(refused ? Progress::refused : Progress::lost, ended_by("RST_STREAM", code));
  }
}

void Http2Connection::on_library_error(std::string_view text) {
  m_library_error = base::one_line(text, k_longest_shown);
}

/// nghttp2 rejects what is not valid by a GOAWAY or a RST_STREAM of its own.
void Http2Connection::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    const auto reason = text_of(frame.goaway.opaque_data, frame.goaway.opaque_data_len);
    reject("the server's HTTP/2", frame.goaway.error_code,
           m_library_error.empty() ? base::one_line(reason, k_longest_shown) : m_library_error);
  } else if (frame.hd.type == NGHTTP2_RST_STREAM &&
             (frame.rst_stream.error_code != NGHTTP2_CANCEL || frame.hd.stream_id != m_stream.id)) {
    reject("the response", frame.rst_stream.error_code, m_library_error);
  } else if (ends_message(frame.hd)) {
    m_stream.request_framed = true;
  }
}

void Http2Connection::on_not_sent(const nghttp2_frame& frame, int error) {
  const bool after_goaway = error == NGHTTP2_ERR_START_STREAM_NOT_ALLOWED;
  if (frame.hd.type == NGHTTP2_HEADERS && is_reading(frame.hd.stream_id) && !after_goaway) {
    fail(fmt::format("the request's headers cannot be sent: {}", nghttp2_strerror(error)));
  }
}

/// Where no frame ended the stream, a GOAWAY below it closed it or kept it from being opened.
void Http2Connection::on_closed(std::int32_t id) {
  if (id == m_stream.id) {
    end(begun() ? Progress::lost : Progress::refused, ended_by("GOAWAY", m_goaway_code));
    m_stream.open = false;
  }
}

ssize_t Http2Connection::next_body_bytes(std::int32_t id, std::size_t length, bool& last) {
  if (!is_reading(id)) {
    return NGHTTP2_ERR_DEFERRED;
  }
  if (m_body_room == 0) {
    m_paused = true;
    return NGHTTP2_ERR_PAUSE;
  }
  const std::size_t left = m_stream.body.size() - m_stream.body_at;
  const std::size_t size = std::min(length, left);
  m_body_room -= std::min(m_body_room, size);
  last = size == left;
  return static_cast<ssize_t>(size);
}

void Http2Connection::write_body(std::string_view frame_header, std::size_t size) {
  m_output->append(frame_header);
  m_output->append(m_stream.body.substr(m_stream.body_at, size));
  m_stream.body_at += size;
}

}  // namespace inferometer::transport::http
