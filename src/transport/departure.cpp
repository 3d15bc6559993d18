#include "transport/departure.hpp"

#include <algorithm>

namespace inferometer::transport {

void report_departure(Report& report, net::Socket& socket, const RequestWrite& write,
                      MonotonicTime ready) {
  if (!write.first_end) {
    return;
  }
  socket.take_departures();
  const net::Socket::Departure& departure = socket.departure();
  measure::Slacks& slacks = report.slacks;
  // A stamp from before the write is none: the wall clock was set in between.
  const bool first = departure.first && *departure.first >= write.first_begin;
  report.request_begin = first ? *departure.first : *write.first_end;
  slacks.request_begin = first ? Duration::zero() : *write.first_end - write.first_begin;
  slacks.set_up += std::max(*report.request_begin - ready, Duration::zero());
  if (write.last_end) {
    const bool last = departure.last && *departure.last >= *report.request_begin;
    report.request_sent = last ? *departure.last : *write.last_end;
    slacks.request_sent = last ? Duration::zero() : *write.last_end - write.last_begin;
    if (last && departure.acknowledged && *departure.acknowledged >= *departure.last) {
      report.acknowledged = departure.acknowledged;
    }
  }
}

}  // namespace inferometer::transport
