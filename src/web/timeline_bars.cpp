#include "web/timeline_bars.hpp"

#include "measure/derive.hpp"

#include <algorithm>

namespace inferometer::web {
namespace {

using measure::Measurement;
using measure::Timeline;
using Mark = std::optional<base::MonotonicTime>;

Bar between(std::string_view name, BarKind kind, Mark begin, Mark end) {
  return {name, kind, begin, measure::between(begin, end)};
}

void append_phases(const Measurement& measurement, std::vector<Bar>& bars) {
  const Timeline& timeline = measurement.timeline;
  const measure::Phases phases = measure::phases(measurement);
  bars.push_back({"dns", BarKind::setup, timeline.started, phases.dns});
  bars.push_back({"connect", BarKind::setup, timeline.name_resolved, phases.connect});
  bars.push_back({"tls", BarKind::setup, timeline.connected, phases.tls});
  bars.push_back({"send", BarKind::setup, timeline.request_begin, phases.send});
  bars.push_back({"wait", BarKind::wait, timeline.request_sent, phases.wait});
}

void append_answer(const Measurement& measurement, std::vector<Bar>& bars) {
  const Timeline& timeline = measurement.timeline;
  if (!measurement.streamed) {
    bars.push_back(between("answer", BarKind::text, timeline.first_byte, timeline.ended));
    return;
  }
  bars.push_back(between("first text", BarKind::wait, timeline.first_byte, timeline.first_content));
  if (timeline.first_reasoning) {
    bars.push_back(
        between("reasoning", BarKind::text, timeline.first_reasoning, timeline.first_content));
  }
  bars.push_back(
      {"TTFT", BarKind::ttft, timeline.request_begin, measure::time_to_first_token(measurement)});
  bars.push_back(between("stream", BarKind::stream, timeline.first_content, timeline.last_content));
  bars.push_back(between("end", BarKind::setup, timeline.last_content, timeline.ended));
}

/// What was under way last is where a failure happened, unless the answer was complete by then.
void mark_failure(const Measurement& measurement, std::vector<Bar>& bars) {
  const Timeline& timeline = measurement.timeline;
  const auto last = std::find_if(bars.rbegin(), bars.rend(), [](const Bar& bar) {
    return bar.begin && bar.kind != BarKind::ttft && bar.kind != BarKind::stream;
  });
  if (last == bars.rend() || !timeline.ended || *timeline.ended < *last->begin) {
    return;
  }
  const bool broken_off = measurement.outcome != measure::Outcome::success && !timeline.finished;
  if (broken_off || !last->span) {
    last->span = *timeline.ended - *last->begin;
    last->failed = true;
  }
}

}  // namespace

std::vector<Bar> timeline_bars(const Measurement& measurement) {
  std::vector<Bar> bars;
  append_phases(measurement, bars);
  append_answer(measurement, bars);
  mark_failure(measurement, bars);
  return bars;
}

}  // namespace inferometer::web
