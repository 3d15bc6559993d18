#include "probe/arrival_marks.hpp"

#include <algorithm>

namespace inferometer::probe {
namespace {

using base::Duration;
using base::MonotonicTime;
using measure::Arrival;

}  // namespace

void ArrivalMarks::open(const Arrival& arrival) {
  if (m_open && m_open->at == arrival.at) {
    // Usually it is the same; what was read twice and has one stamp is as uncertain as either.
    m_open->first_slack = std::max(m_open->first_slack, arrival.first_slack);
    m_open->last_slack = std::max(m_open->last_slack, arrival.last_slack);
    return;
  }
  settle();
  m_open = arrival;
}

void ArrivalMarks::take_head(const Arrival& arrival) {
  open(arrival);
  m_measurement.timeline.headers = arrival.at;
  m_marked.head = ++m_parts;
}

void ArrivalMarks::begin_bytes(const Arrival& arrival) {
  open(arrival);
  m_parts_before = m_parts;
  if (!m_measurement.timeline.first_byte) {
    m_measurement.timeline.first_byte = arrival.at;
    m_marked.first_byte = true;
  }
}

void ArrivalMarks::end_bytes(bool at_boundary) {
  if (!at_boundary || m_parts == m_parts_before) {
    ++m_parts;
  }
}

void ArrivalMarks::take_rest(const Arrival& arrival) {
  if (m_open && m_open->at == arrival.at) {
    ++m_parts;
  }
}

void ArrivalMarks::take_event(const protocol::Event& event) {
  if (!m_open) {
    return;  // the end of a body of which no byte came
  }
  ++m_parts;
  measure::Timeline& timeline = m_measurement.timeline;
  if (!timeline.first_event) {
    timeline.first_event = m_open->at;
  }
  if (event.error) {
    return;
  }
  take_text(event);
  if (event.finish_reason && !timeline.finished) {  // some servers repeat it
    timeline.finished = m_open->at;
  }
  if (event.terminator) {
    m_end_mark = m_open->at;
    m_marked.end_mark = m_parts;
  }
}

void ArrivalMarks::take_text(const protocol::Event& event) {
  measure::Timeline& timeline = m_measurement.timeline;
  m_measurement.reasoning_seen =
      m_measurement.reasoning_seen || event.reasoned || !event.reasoning.empty();
  if (!event.reasoning.empty() && m_measurement.streamed) {
    m_last_text = m_open->at;
    if (!timeline.first_reasoning) {
      timeline.first_reasoning = m_open->at;
      m_marked.first_reasoning = m_parts;
    }
  }
  if (!event.content.empty()) {
    take_content(event);
  }
}

void ArrivalMarks::take_content(const protocol::Event& event) {
  const MonotonicTime at = m_open->at;
  m_last_text = at;
  m_measurement.content_bytes += event.content.size();
  ++m_measurement.content_events;
  if (!m_measurement.streamed) {
    return;  // the whole answer came at once: its arrival is that of no token
  }
  measure::Timeline& timeline = m_measurement.timeline;
  if (!timeline.first_content) {
    timeline.first_content = at;
  }
  if (at - *timeline.first_content <= measure::k_burst) {
    m_measurement.burst_bytes += event.content.size();
  }
  m_marked.last_content = m_parts;
  // Events of one arrival share its stamp: a gap of 0 between them would be invented.
  if (timeline.last_content == at) {
    ++m_measurement.coalesced;
    return;
  }
  timeline.last_content = at;
  m_marked.first_content = m_parts;
  m_measurement.content_arrivals.push_back({.at = at});
}

Duration ArrivalMarks::slack_of(Part part) const {
  return part == m_parts ? m_open->last_slack : m_open->first_slack;
}

void ArrivalMarks::settle() {
  if (!m_open) {
    return;
  }
  measure::Slacks& slacks = m_measurement.slacks;
  const auto put = [this](Duration& slack, Part part) {
    slack = part > 0 ? slack_of(part) : slack;
  };
  put(slacks.headers, m_marked.head);
  put(slacks.first_reasoning, m_marked.first_reasoning);
  put(slacks.ended, m_marked.end_mark);
  if (m_marked.first_byte) {
    slacks.first_byte = m_open->first_slack;
  }
  if (m_marked.first_content > 0) {
    std::vector<Arrival>& arrivals = m_measurement.content_arrivals;
    arrivals.back().first_slack = slack_of(m_marked.first_content);
    arrivals.back().last_slack = slack_of(m_marked.last_content);
    slacks.first_content = arrivals.front().first_slack;
    slacks.last_content = arrivals.back().last_slack;
  }
  m_open.reset();
  m_parts = 0;
  m_marked = {};
}

}  // namespace inferometer::probe
