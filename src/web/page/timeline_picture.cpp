#include "web/page/timeline_picture.hpp"

#include "measure/derive.hpp"
#include "measure/render.hpp"
#include "web/page/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

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

using base::Duration;
using base::MonotonicTime;
using measure::Gap;

// Heights are pixels. Positions on the axis of time are in percent of the width, which is the
// page's; text beside the axis goes beyond the picture into room that the style leaves for it.
constexpr int k_top = 4;
constexpr int k_row = 24;
constexpr int k_bar = 12;
constexpr int k_ticks = 22;
constexpr int k_stall_label = 16;
constexpr int k_axis = 22;

/// Half pixels of a picture 1,000 pixels wide: arrivals closer than that are one tick.
constexpr int k_slots = 2000;

class Axis {
 public:
  explicit Axis(const Measurement& measurement) : m_zero(measurement.timeline.started) {
    for (const measure::Mark& mark : measure::reached_marks(measurement.timeline)) {
      m_length = std::max(m_length, *mark.when - m_zero);
    }
  }

  [[nodiscard]] Duration length() const { return m_length; }

  [[nodiscard]] double percent(MonotonicTime when) const {
    const double share = base::seconds(when - m_zero) / base::seconds(m_length);
    return std::clamp(100 * share, 0.0, 100.0);
  }

  [[nodiscard]] int slot(MonotonicTime when) const {
    return static_cast<int>(percent(when) / 100 * k_slots);
  }

 private:
  MonotonicTime m_zero;
  Duration m_length{1000};  // nothing is shorter, so that a share of it is always a number
};

/// The distance of the labels: 1, 2 or 5 times a power of ten, four to eight of them.
Duration label_step(Duration length) {
  const std::int64_t least = length.count() / 8;
  for (std::int64_t power = 1;; power *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (factor * power >= least) {
        return Duration(factor * power);
      }
    }
  }
}

struct Unit {
  std::string_view name;
  Duration size;
};

Unit unit_of(Duration step) {
  using namespace std::chrono_literals;
  if (step >= 1s) {
    return {"s", 1s};
  }
  return step >= 1ms ? Unit{"ms", 1ms} : step >= 1us ? Unit{"µs", 1us} : Unit{"ns", 1ns};
}

/// All that is drawn, and where.
struct Picture {
  explicit Picture(const Measurement& shown)
      : measurement(shown),
        axis(shown),
        bars(timeline_bars(shown)),
        stalls(measure::stalled_gaps(shown)) {
    for (const Bar& bar : bars) {
      bottom += height(bar);
    }
  }

  /// Over the stream there is room for a label, if it needs one.
  [[nodiscard]] int height(const Bar& bar) const {
    return bar.kind == BarKind::stream && !stalls.empty() ? k_row + k_stall_label : k_row;
  }

  const Measurement& measurement;
  Axis axis;
  std::vector<Bar> bars;
  std::vector<Gap> stalls;
  int bottom = k_top;
};

void draw_axis(const Picture& picture, std::string& svg) {
  const Duration length = picture.axis.length();
  const Duration step = label_step(length);
  const Unit unit = unit_of(step);
  const int text = picture.bottom + 17;
  append(svg, "<text class=\"name\" x=\"0\" dx=\"-10\" y=\"{}\">{}</text>\n", text, unit.name);
  for (int i = 0; i * step <= length; ++i) {
    const double x = 100 * base::seconds(i * step) / base::seconds(length);
    append(svg, "<line class=\"grid\" x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"0\" y2=\"{1}\"/>", x,
           picture.bottom);
    append(svg, "<text class=\"label{}\" x=\"{:.2f}%\" y=\"{}\">{}</text>\n",
           i % 2 == 0 ? "" : " odd", x, text, i * step / unit.size);
  }
}

std::string_view css_class(BarKind kind) {
  switch (kind) {
    case BarKind::setup:
      return "setup";
    case BarKind::wait:
      return "wait";
    case BarKind::text:
      return "text";
    case BarKind::ttft:
      return "ttft";
    case BarKind::stream:
      return "stream";
  }
  return "";
}

/// TTFT overlaps other bars: a bracket, and a line down to the axis where the first text came.
void draw_bracket(double begin, double end, int middle, int bottom, std::string& svg) {
  append(svg,
         "<line class=\"ttft\" x1=\"{0:.2f}%\" x2=\"{1:.2f}%\" y1=\"{2}\" y2=\"{2}\"/>"
         "<line class=\"ttft\" x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"{3}\" y2=\"{4}\"/>"
         "<line class=\"ttft\" x1=\"{1:.2f}%\" x2=\"{1:.2f}%\" y1=\"{3}\" y2=\"{4}\"/>"
         "<line class=\"first\" x1=\"{1:.2f}%\" x2=\"{1:.2f}%\" y1=\"0\" y2=\"{5}\"/>\n",
         begin, end, middle, middle - 5, middle + 5, bottom);
}

/// Opens a picture within the picture whose horizontal unit is a slot.
void open_slots(int top, int height, std::string& svg) {
  append(svg,
         "<svg y=\"{}\" width=\"100%\" height=\"{}\" viewBox=\"0 0 {} {}\" "
         "preserveAspectRatio=\"none\">",
         top, height, k_slots, height);
}

void draw_ticks(const Picture& picture, std::string& svg) {
  svg += "<path class=\"tick\" d=\"";
  int last = -1;
  for (const measure::Arrival& arrival : picture.measurement.content_arrivals) {
    const int slot = picture.axis.slot(arrival.at);
    if (slot > last) {
      append(svg, "M{} 3v{}", slot, k_ticks - 6);
      last = slot;
    }
  }
  svg += "\"/>";
}

void draw_stalls(const Picture& picture, std::string& svg) {
  svg += "<path class=\"stall\" d=\"";
  int last = -1;
  for (const Gap& stall : picture.stalls) {
    const int begin = picture.axis.slot(stall.begin);
    const int end = std::max(picture.axis.slot(stall.begin + stall.span), begin + 1);
    if (end > last) {
      append(svg, "M{} 0H{}v{}H{}z", begin, end, k_ticks, begin);
      last = end;
    }
  }
  svg += "\"/>";
}

void draw_stall_label(const Picture& picture, int baseline, std::string& svg) {
  const auto longest = std::max_element(picture.stalls.begin(), picture.stalls.end(),
                                        [](const Gap& a, const Gap& b) { return a.span < b.span; });
  const double middle = picture.axis.percent(longest->begin + longest->span / 2);
  const std::string_view anchor = middle < 20 ? "from" : middle > 80 ? "to" : "around";
  append(svg, "<text class=\"stalled {}\" x=\"{:.2f}%\" y=\"{}\">{}gap {}</text>\n", anchor, middle,
         baseline, picture.stalls.size() > 1 ? "longest " : "", format_span(longest->span));
}

void draw_stream(const Picture& picture, int top, std::string& svg) {
  if (!picture.stalls.empty()) {
    draw_stall_label(picture, top + 13, svg);
    top += k_stall_label;
  }
  open_slots(top + (k_row - k_ticks) / 2, k_ticks, svg);
  if (!picture.stalls.empty()) {
    draw_stalls(picture, svg);
  }
  draw_ticks(picture, svg);
  svg += "</svg>\n";
}

void draw_bar(const Picture& picture, const Bar& bar, int top, std::string& svg) {
  if (!bar.begin || !bar.span) {
    return;
  }
  if (bar.kind == BarKind::stream) {
    draw_stream(picture, top, svg);
    return;
  }
  const double begin = picture.axis.percent(*bar.begin);
  const double end = picture.axis.percent(*bar.begin + *bar.span);
  if (bar.kind == BarKind::ttft) {
    draw_bracket(begin, end, top + k_row / 2, picture.bottom, svg);
    return;
  }
  // A rectangle without width is not drawn; the stroke makes the thinnest one visible.
  append(svg, "<rect class=\"{}\" x=\"{:.2f}%\" width=\"{:.2f}%\" y=\"{}\" height=\"{}\"/>\n",
         bar.failed ? "failed" : css_class(bar.kind), begin, std::max(end - begin, 0.01),
         top + (k_row - k_bar) / 2, k_bar);
}

void draw_bars(const Picture& picture, std::string& svg) {
  int top = k_top;
  for (const Bar& bar : picture.bars) {
    const int baseline = top + picture.height(bar) - 8;
    const std::string_view style = bar.failed ? "failed" : css_class(bar.kind);
    append(svg, "<text class=\"name {}\" x=\"0\" dx=\"-10\" y=\"{}\">{}</text>", style, baseline,
           bar.name);
    append(svg, "<text class=\"value {}\" x=\"100%\" dx=\"10\" y=\"{}\">{}{}</text>\n", style,
           baseline, format_span(bar.span), bar.failed ? " failed" : "");
    draw_bar(picture, bar, top, svg);
    top += picture.height(bar);
  }
}

/// The picture in words.
std::string description(const Picture& picture) {
  std::string text;
  for (const Bar& bar : picture.bars) {
    if (bar.span) {
      append(text, "{} {}{}, ", bar.name, format_span(bar.span), bar.failed ? " failed" : "");
    }
  }
  append(text, "{} arrivals of text, {} gaps over the stall threshold",
         picture.measurement.content_arrivals.size(), picture.stalls.size());
  return text;
}

}  // namespace

std::vector<Bar> timeline_bars(const Measurement& measurement) {
  std::vector<Bar> bars;
  append_phases(measurement, bars);
  append_answer(measurement, bars);
  mark_failure(measurement, bars);
  return bars;
}

std::string render_timeline_picture(const Measurement& measurement) {
  const Picture picture(measurement);
  std::string svg = fmt::format(
      "<svg class=\"timeline\" width=\"100%\" height=\"{}\" role=\"img\" "
      "aria-labelledby=\"picture-title picture-text\">\n"
      "<title id=\"picture-title\">Timeline: {} after {}</title>\n"
      "<desc id=\"picture-text\">{}</desc>\n",
      picture.bottom + k_axis, measure::to_string(measurement.outcome),
      format_span(picture.axis.length()), description(picture));
  draw_axis(picture, svg);
  draw_bars(picture, svg);
  return svg + "</svg>\n";
}

}  // namespace inferometer::web
