#pragma once

#include "base/error.hpp"
#include "transport/http/http2_frame_meter.hpp"
#include "transport/http/http2_response.hpp"
#include "transport/http/message.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// The implementation of Http2Session, on nghttp2: the events below are its callbacks, and come
/// from within feed() and take_output(). Not thread-safe.
class Http2Connection {
 public:
  Http2Connection();

  void begin(const RequestHead& head, std::string_view body, ResponseSink& sink);
  void feed(std::string_view bytes);
  void finish();
  void cancel();
  bool take_output(std::string& output, std::size_t limit);

  [[nodiscard]] bool request_taken() const { return m_stream.request_taken; }
  [[nodiscard]] Progress progress() const { return m_stream.progress; }
  [[nodiscard]] const std::string& problem() const { return m_problem; }
  [[nodiscard]] bool begun() const { return m_stream.response.begun(); }
  [[nodiscard]] bool usable() const;
  [[nodiscard]] bool ends_in_body() const { return m_ends_in_body; }
  /// Whether nothing more happens on this connection.
  [[nodiscard]] bool over() const { return m_over; }

  void on_block_begun(std::int32_t id);
  void on_field(std::int32_t id, std::string_view name, std::string_view value);
  void on_data(std::int32_t id, std::string_view piece);
  void on_frame(const nghttp2_frame& frame);
  void on_library_error(std::string_view text);
  void on_sent(const nghttp2_frame& frame);
  void on_not_sent(const nghttp2_frame& frame, int error);
  void on_closed(std::int32_t id);
  /// How many bytes of the request's body are to go into the next frame, at most `length`, and
  /// whether they are the last; or an error of nghttp2's.
  ssize_t next_body_bytes(std::int32_t id, std::size_t length, bool& last);
  /// Writes a frame with the `size` bytes that stand next.
  void write_body(std::string_view frame_header, std::size_t size);
  /// Ends all with an error, unless that has happened.
  void fail(std::string why);

 private:
  /// The stream that was begun last.
  struct Stream {
    std::int32_t id = 0;
    Progress progress = Progress::reading;
    Http2Response response;
    std::string_view body;
    std::size_t body_at = 0;
    bool open = false;            ///< for nghttp2
    bool request_framed = false;  ///< END_STREAM was written, at least to m_pending
    bool request_taken = false;
  };
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  [[nodiscard]] bool is_reading(std::int32_t id) const;
  void require(const base::Result<void>& result);
  void end(Progress progress, std::string why);
  void complete();
  void reject(std::string_view what, std::uint32_t code, std::string_view detail);
  void reset();
  void pump(std::string& output, std::size_t body_room);

  Stream m_stream;
  Http2FrameMeter m_meter;
  std::string m_problem;
  std::string m_library_error;      ///< about the frame that nghttp2 was fed last
  std::string m_pending;            ///< output that feed() brought about
  std::string* m_output = nullptr;  ///< where pump() writes
  std::size_t m_body_room = 0;      ///< how much of the request's body pump() may still write
  bool m_paused = false;            ///< pump() left some of the body for want of room
  bool m_reset_waits = false;       ///< a RST_STREAM of ours is to go out at once
  bool m_ends_in_body = false;      ///< the bytes that were fed last do
  bool m_over = false;
  std::uint32_t m_goaway_code = NGHTTP2_NO_ERROR;
  std::unique_ptr<nghttp2_session, Deleter> m_session;
};

}  // namespace inferometer::transport::http
