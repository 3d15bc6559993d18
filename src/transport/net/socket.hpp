#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "measure/measurement.hpp"
#include "transport/net/kernel_clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace inferometer::transport::net {

/// A connected, non-blocking TCP socket that tells when bytes came and went by the kernel's stamps
/// (SO_TIMESTAMPING, Documentation/networking/timestamping.rst of Linux), where the system gives
/// any. Not thread-safe.
class Socket {
 public:
  /// `clock` must outlive the socket.
  Socket(base::Descriptor connection, KernelClock& clock);

  [[nodiscard]] int descriptor() const { return m_descriptor.get(); }

  enum class Status {
    done,
    not_now,  ///< would block
    ended,    ///< reading: the peer has closed its side in order
    failed,   ///< broken: see `error`
  };
  struct Result {
    Status status = Status::done;
    std::size_t bytes = 0;
    int error = 0;  ///< errno
    /// Of a read: when the newest segment in it came in; none where the kernel gave no stamp.
    std::optional<base::MonotonicTime> stamp = {};
  };

  /// One read. Fewer bytes than `buffer` takes mean that nothing is left.
  Result receive(std::span<char> buffer);

  /// Writes what the kernel takes of the bytes of no request.
  Result send(std::string_view bytes);

  /// The same for a request: its departure will be told. `last` says that the request ends with
  /// these bytes. The first bytes of a long one go out by themselves, since the kernel stamps only
  /// the end of a write.
  Result send_request(std::string_view bytes, bool last);

  /// When a request went out; moments that the kernel has not told, or not yet, have no value.
  struct Departure {
    std::optional<base::MonotonicTime> first;         ///< its first byte left
    std::optional<base::MonotonicTime> last;          ///< its last byte left
    std::optional<base::MonotonicTime> acknowledged;  ///< the peer's kernel had its last byte
  };
  /// Forgets the departure of the request before, and what was counted since it began.
  void begin_request();
  /// Reads the stamps that wait in the socket's error queue, which wakes epoll with EPOLLERR until
  /// it is empty.
  void take_departures();
  [[nodiscard]] const Departure& departure() const { return m_departure; }

  /// How many segments have come in behind a gap since the connection was made: they waited for the
  /// one that fills it, and what a read brings may have come later than its stamp says. 0 if the
  /// system does not tell.
  [[nodiscard]] std::uint32_t out_of_order() const;

  /// Of the time since begin_request, and of the connection's set-up before the first one; none if
  /// the system does not tell.
  [[nodiscard]] std::optional<measure::TcpStats> stats() const;
  /// Whether the peer's kernel has acknowledged any byte since begin_request; none if the system
  /// does not tell.
  [[nodiscard]] std::optional<bool> any_acknowledged() const;

 private:
  struct Counters {
    std::uint64_t acknowledged = 0;
    std::uint32_t retransmissions = 0;
    std::uint32_t out_of_order = 0;
  };

  Result write(std::string_view bytes, bool stamped);
  void take_departure(std::uint32_t byte, int kind, base::MonotonicTime when);

  base::Descriptor m_descriptor;
  KernelClock& m_clock;
  bool m_stamps = false;
  std::uint32_t m_sent = 0;  // bytes since the stamps were switched on, as the kernel counts them
  std::optional<std::uint32_t> m_first;  // the byte whose departure is that of the request's first
  std::optional<std::uint32_t> m_last;
  Departure m_departure;
  Counters m_at_begin;
  bool m_used = false;  // a request was begun
};

}  // namespace inferometer::transport::net
