#include "transport/stamp/exchange_stamps.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace inferometer::transport {

using net::Socket;
using std::chrono::steady_clock;

void ExchangeStamps::begin(const Socket& socket, MonotonicTime now) {
  m_write = {};
  m_request_begin = now;
  m_arrivals.begin(now, socket.out_of_order());
}

void ExchangeStamps::forget_reads() {
  m_by_kernel = true;
  m_any_read = false;
}

void ExchangeStamps::note_write(MonotonicTime before, MonotonicTime after, bool whole) {
  if (!m_write.first_end) {
    m_write.first_begin = before;
    m_write.first_end = after;
  }
  if (!m_write.last_end && whole) {
    m_write.last_begin = before;
    m_write.last_end = after;
  }
}

std::optional<ReadResult> ExchangeStamps::read(Socket& socket, const WakeWatch& wake,
                                               bool departures, std::span<char> into) {
  if (departures) {
    socket.take_departures();
  }
  const MonotonicTime before = steady_clock::now();
  const Socket::Result result = socket.receive(into);
  if (result.status == Socket::Status::not_now) {
    m_arrivals.note_empty(before);
    return std::nullopt;
  }
  const ReadResult reading{.status = result.status,
                           .error = result.error,
                           .bytes = std::string_view(into.data(), result.bytes),
                           .arrival = note_read(socket, wake, result, into.size(), before)};
  if (result.status == Socket::Status::done) {
    m_by_kernel = m_by_kernel && result.stamp.has_value();
    m_any_read = true;
  }
  return reading;
}

Arrival ExchangeStamps::note_read(const Socket& socket, const WakeWatch& wake,
                                  const Socket::Result& result, std::size_t asked,
                                  MonotonicTime before) {
  // What a younger stamp can be wrong by is not worth a system call.
  constexpr Duration k_prompt = std::chrono::microseconds(200);
  MonotonicTime after = steady_clock::now();
  std::optional<std::uint32_t> out_of_order;
  if (result.stamp && after - *result.stamp > k_prompt) {
    out_of_order = socket.out_of_order();
    after = steady_clock::now();
  }
  return m_arrivals.note({.before = before,
                          .after = after,
                          .bytes = result.bytes,
                          .emptied = result.bytes < asked,
                          .stamp = result.stamp,
                          .out_of_order = out_of_order,
                          .earliest = wake.earliest(result.stamp),
                          .woken = wake.earliest()});
}

measure::StampSource ExchangeStamps::source() const {
  return m_by_kernel && m_any_read ? measure::StampSource::kernel : measure::StampSource::read;
}

void ExchangeStamps::report_departure(Report& report, Socket& socket) const {
  if (!m_write.first_end) {
    return;
  }
  socket.take_departures();
  const Socket::Departure& departure = socket.departure();
  measure::Slacks& slacks = report.slacks;
  // A stamp from before the write is none: the wall clock was set in between.
  const bool first = departure.first && *departure.first >= m_write.first_begin;
  report.request_begin = first ? *departure.first : *m_write.first_end;
  slacks.request_begin = first ? Duration::zero() : *m_write.first_end - m_write.first_begin;
  slacks.set_up += std::max(*report.request_begin - *m_request_begin, Duration::zero());
  if (m_write.last_end) {
    const bool last = departure.last && *departure.last >= *report.request_begin;
    report.request_sent = last ? *departure.last : *m_write.last_end;
    slacks.request_sent = last ? Duration::zero() : *m_write.last_end - m_write.last_begin;
    if (last && departure.acknowledged && *departure.acknowledged >= *departure.last) {
      report.acknowledged = departure.acknowledged;
    }
  }
}

}  // namespace inferometer::transport
