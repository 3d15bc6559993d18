#pragma once

#include "measure/measurement.hpp"
#include "transport/net/socket.hpp"
#include "transport/stamp/arrival_watch.hpp"
#include "transport/stamp/wake_watch.hpp"
#include "transport/transport.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace inferometer::transport {

/// The result of one read of an exchange's connection; its bytes are in the turn's arena.
struct ReadResult {
  net::Socket::Status status = net::Socket::Status::done;
  int error = 0;
  std::string_view bytes;
  Arrival arrival;
};

/// When the request of an exchange left, and when what was read for it had arrived: by the kernel's
/// stamps, or else by what our own clock says of the writes and reads. For the loop's thread only.
class ExchangeStamps {
 public:
  /// The request begins on a connection that is ready now.
  void begin(const net::Socket& socket, MonotonicTime now);
  /// The connection is given up, and the request goes to another one: its reads count no more.
  void forget_reads();

  /// A write took from `before` to `after`. `whole`: the kernel has all of the request.
  void note_write(MonotonicTime before, MonotonicTime after, bool whole);

  /// One read, with its stamp; none if there is nothing to take. `departures`: stamps of what was
  /// sent wait in the socket, too.
  [[nodiscard]] std::optional<ReadResult> read(net::Socket& socket, const WakeWatch& wake,
                                               bool departures, std::span<char> into);
  /// The turn ends, though there may be more to read.
  void leave_waiting() { m_arrivals.leave_waiting(); }

  /// When the connection of the last request was ready; none before the first one.
  [[nodiscard]] std::optional<MonotonicTime> request_begin() const { return m_request_begin; }
  [[nodiscard]] bool any_read() const { return m_any_read; }
  /// Whose the stamps of all reads are.
  [[nodiscard]] measure::StampSource source() const;

  /// Reports when the request left and was acknowledged. REQUIRES: it has begun.
  void report_departure(Report& report, net::Socket& socket) const;

 private:
  /// When a request was given to the kernel, by our own clock.
  struct RequestWrite {
    MonotonicTime first_begin{};  ///< before and after its first byte …
    std::optional<MonotonicTime> first_end;
    MonotonicTime last_begin{};  ///< … and its last one
    std::optional<MonotonicTime> last_end;
  };

  [[nodiscard]] Arrival note_read(const net::Socket& socket, const WakeWatch& wake,
                                  const net::Socket::Result& result, std::size_t asked,
                                  MonotonicTime before);

  std::optional<MonotonicTime> m_request_begin;
  RequestWrite m_write;
  ArrivalWatch m_arrivals;
  bool m_any_read = false;
  bool m_by_kernel = true;  // all that was read
};

}  // namespace inferometer::transport
