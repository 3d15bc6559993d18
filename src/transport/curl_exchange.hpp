#pragma once

#include "transport/curl_request.hpp"
#include "transport/loop_state.hpp"
#include "transport/transport.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace inferometer::transport {

/// One request on one libcurl easy handle: sets the handle up, turns libcurl's callbacks into the
/// listener's, and its result into a Report. For the loop's thread only.
class CurlExchange {
 public:
  /// `id` is unique within the loop; `loop` must outlive the exchange.
  CurlExchange(std::uint64_t id, Request request, std::unique_ptr<Listener> listener,
               LoopState& loop);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  [[nodiscard]] std::uint64_t id() const { return m_id; }
  [[nodiscard]] CURL* handle() const { return m_curl.handle(); }
  [[nodiscard]] std::optional<MonotonicTime> request_begin() const { return m_request_begin; }

  /// Tells the listener that it starts; false if the handle is not to be used, but ended.
  [[nodiscard]] bool begin(MonotonicTime now);

  /// Puts the listener's deadline into the loop's queue, unless an earlier entry is there already.
  void arm();
  /// The queue's entry has come: true if the deadline really has passed, and the listener was told.
  bool expired(MonotonicTime now);

  /// The last call, after libcurl gave `result` …
  void end(CURLcode result, MonotonicTime now, Duration lag);
  /// … or after the transport itself gave the exchange up.
  void end(Ending ending, MonotonicTime now, Duration lag);

  /// Decides how the exchange ends, whatever libcurl says; the listener hears no more but that.
  void fail(Ending ending, std::string message);

 private:
  /// When the bytes at hand were read. libcurl reads several times in one turn if it can, and hands
  /// over one read in several pieces, each behind the last in its buffer: they share a stamp. A
  /// piece that is not behind the last one belongs to another read (or was unpacked).
  MonotonicTime stamp(std::string_view piece);
  void take_header(std::string_view line);
  void take_body(std::string_view bytes);
  void note_request_begin();
  void note_sent(std::size_t bytes);
  void note_certificate();
  /// Runs a step of the listener's, unless the exchange is over for it: an exception must not pass
  /// through libcurl's C code.
  template <typename Step>
  void guarded(Step step);
  /// The listener wants no more: the connection goes with the exchange.
  void stop();
  [[nodiscard]] Ending ending(CURLcode code) const;
  void fill_connection();
  [[nodiscard]] std::optional<MonotonicTime> phase_end(CURLINFO info) const;

  static curl_socket_t on_open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_request_begin(void* self, char*, char*, int, int);
  static int on_debug(CURL*, curl_infotype type, char*, std::size_t size, void* self);

  const std::uint64_t m_id;
  const Request m_request;
  const std::unique_ptr<Listener> m_listener;
  LoopState& m_loop;
  MonotonicTime m_armed = MonotonicTime::max();
  std::uint64_t m_stamped_turn = 0;
  std::uintptr_t m_read_end = 0;
  MonotonicTime m_stamp{};
  char m_error[CURL_ERROR_SIZE] = {};
  ResponseHead m_head;
  std::size_t m_head_bytes = 0;
  std::size_t m_body_sent = 0;
  bool m_head_done = false;
  bool m_stopped = false;
  bool m_decided = false;  // m_report.ending was set by us, whatever libcurl says
  std::uint32_t m_request_begins = 0;
  std::optional<MonotonicTime> m_request_begin;
  Report m_report;
  CurlRequest m_curl;  // last: libcurl may call back while its handle is cleaned up
};

}  // namespace inferometer::transport
