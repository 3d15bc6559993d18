#include "precision/figures.hpp"

#include "measure/derive.hpp"
#include "measure/trust.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace inferometer::precision {
namespace {

using base::Duration;
using base::MonotonicTime;

/// What is off by more counts as wrong.
constexpr double k_wrong = 1000;

double microseconds(Duration span) {
  return base::seconds(span) * 1e6;
}

double off(Duration measured, Duration truth) {
  return microseconds(std::chrono::abs(measured - truth));
}

std::size_t count_wrong(const std::vector<double>& errors) {
  return static_cast<std::size_t>(
      std::ranges::count_if(errors, [](double error) { return error > k_wrong; }));
}

Spread spread(const std::vector<double>& values) {
  return {.p50 = measure::quantile(values, 0.5).value_or(0),
          .p99 = measure::quantile(values, 0.99).value_or(0)};
}

/// Adds up what the answers say.
class Reckoning {
 public:
  explicit Reckoning(std::uint32_t expected) : m_expected(expected) {}

  void add(Answer answer);
  [[nodiscard]] Figures figures() const;

 private:
  void judge(const Answer& answer, const Seen& closing);
  void judge_gaps(const Answer& answer);
  void judge_stamps(const Answer& answer);
  void add_behind(const Seen& event);

  const std::uint32_t m_expected;
  Figures m_figures;
  std::size_t m_kept = 0;
  std::vector<double> m_behind;
  std::vector<double> m_ttft;
  std::vector<double> m_itl;
  MonotonicTime m_first = MonotonicTime::max();
  MonotonicTime m_last{};
};

void Reckoning::add(Answer answer) {
  ++m_figures.streams;
  if (answer.events.size() != m_expected + selftest::k_last_stamps) {
    ++m_figures.failed;
    return;
  }
  const Seen closing = answer.events[m_expected];
  answer.events.resize(m_expected);
  m_figures.events += answer.events.size();
  m_first = std::min(m_first, answer.events.front().sent);
  m_last = std::max(m_last, answer.events.back().sent);
  if (!answer.measurement) {
    for (const Seen& event : answer.events) {
      add_behind(event);
    }
  } else if (answer.measurement->outcome == measure::Outcome::success) {
    judge(answer, closing);
  } else {
    ++m_figures.failed;
  }
}

void Reckoning::judge(const Answer& answer, const Seen& closing) {
  const measure::Samples samples = measure::samples(*answer.measurement);
  judge_stamps(answer);
  const Seen& first = answer.events.front();
  if (samples.ttft && !first.interrupted) {
    const auto begun = answer.asked.value_or(*answer.measurement->timeline.request_begin);
    m_ttft.push_back(off(*samples.ttft, first.sent - begun));
  }
  m_kept += samples.ttft ? 1U : 0U;
  m_kept += samples.inter_token_latencies.size();
  if (!samples.inter_token_latencies.empty()) {
    judge_gaps(answer);
  }
  if (samples.phases.connect && microseconds(*samples.phases.connect) > k_wrong) {
    ++m_figures.wrong.connect;
  }
  const auto& ended = answer.measurement->timeline.ended;
  if (samples.duration && !closing.interrupted && off(*ended - closing.sent, {}) > k_wrong) {
    ++m_figures.wrong.duration;
  }
}

/// Each gap that is a sample lies between the last event of one arrival and the first of the next.
void Reckoning::judge_gaps(const Answer& answer) {
  const std::vector<Seen>& events = answer.events;
  std::size_t next = 1;
  for (const measure::Gap& gap : measure::gaps(*answer.measurement)) {
    while (next < events.size() && events[next].at <= gap.begin) {
      ++next;
    }
    if (next == events.size()) {
      return;
    }
    const bool known = !events[next].interrupted && !events[next - 1].interrupted;
    if (known && gap.bound <= answer.measurement->max_error) {
      m_itl.push_back(off(gap.span, events[next].sent - events[next - 1].sent));
    }
  }
}

/// Of several events with one arrival only the last may have its stamp.
void Reckoning::judge_stamps(const Answer& answer) {
  auto event = answer.events.begin();
  for (const measure::Arrival& arrival : answer.measurement->content_arrivals) {
    const auto next = std::find_if(event, answer.events.end(), [&](const Seen& candidate) {
      return candidate.at > arrival.at;
    });
    if (next != event && arrival.last_slack <= answer.measurement->max_error) {
      add_behind(*std::prev(next));
    }
    event = next;
  }
}

void Reckoning::add_behind(const Seen& event) {
  if (!event.interrupted) {
    m_behind.push_back(microseconds(event.at - event.sent));
  }
}

Figures Reckoning::figures() const {
  Figures figures = m_figures;
  figures.behind = spread(m_behind);
  figures.ttft_off = spread(m_ttft);
  figures.itl_off = spread(m_itl);
  figures.wrong.ttft = count_wrong(m_ttft);
  figures.wrong.itl = count_wrong(m_itl);
  // A TTFT and all gaps of each answer.
  const std::size_t all = figures.streams * m_expected;
  figures.kept = static_cast<double>(m_kept) / static_cast<double>(std::max<std::size_t>(all, 1));
  if (m_last > m_first) {
    figures.events_per_second =
        static_cast<double>(figures.events) / base::seconds(m_last - m_first);
  }
  return figures;
}

}  // namespace

void Answer::note(const selftest::Stamp& stamp, MonotonicTime at) {
  if (stamp.asked != MonotonicTime{}) {
    asked = stamp.asked;
  }
  if (!events.empty()) {
    events.back().interrupted = stamp.write_before > selftest::k_longest_write;
  }
  events.push_back({.sent = stamp.sent, .at = at});
}

Figures make_figures(std::vector<Answer> answers, std::uint32_t expected) {
  Reckoning reckoning(expected);
  for (Answer& answer : answers) {
    reckoning.add(std::move(answer));
  }
  return reckoning.figures();
}

Duration process_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto span = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return span(usage.ru_utime) + span(usage.ru_stime);
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace inferometer::precision
