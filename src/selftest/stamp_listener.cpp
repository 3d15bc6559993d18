#include "selftest/stamp_listener.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::selftest {

using transport::Arrival;
using transport::Flow;

Flow StampListener::on_head(transport::ResponseHead head, const Arrival& /*arrival*/) {
  return head.status == 200 ? Flow::go_on : Flow::stop;
}

Flow StampListener::on_body(std::string_view bytes, const Arrival& arrival) {
  m_reader.feed(bytes, [&](const Stamp& stamp) {
    m_stream.asked = stamp.asked;
    if (!m_stream.events.empty()) {
      m_stream.events.back().interrupted = stamp.write_before > k_longest_write;
    }
    m_stream.events.push_back({.sent = stamp.sent, .arrival = arrival});
  });
  return Flow::go_on;
}

void StampListener::on_end(const transport::Report& report) {
  std::vector<SeenEvent>& events = m_stream.events;
  events.resize(events.size() - std::min(events.size(), k_last_stamps));
  m_stream.report = report;
  m_done(std::move(m_stream));
}

}  // namespace inferometer::selftest
