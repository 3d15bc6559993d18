#include "selftest/accuracy.hpp"

#include "measure/derive.hpp"

#include <algorithm>

namespace inferometer::selftest {
namespace {

using base::Duration;

/// What is open about the end of the event at `index`: of those with one arrival only the last has
/// its stamp.
Duration slack(const std::vector<SeenEvent>& events, std::size_t index) {
  const transport::Arrival& arrival = events[index].arrival;
  const bool last = index + 1 == events.size() || events[index + 1].arrival.at != arrival.at;
  return last ? arrival.last_slack : arrival.first_slack;
}

void add_stamp(Accuracy& accuracy, const SeenEvent& event) {
  accuracy.stamp_errors.push_back(std::chrono::abs(event.arrival.at - event.sent));
}

void add_ttft(Accuracy& accuracy, const SeenStream& stream) {
  const auto& begin = stream.report.request_begin;
  const SeenEvent& first = stream.events.front();
  const Duration bound = slack(stream.events, 0) + stream.report.slacks.request_begin;
  ++accuracy.measurements;
  if (!begin || bound > k_max_error_bound) {
    return;
  }
  const Duration measured = first.arrival.at - *begin;
  const bool asked_is_known = stream.asked != base::MonotonicTime{};
  const Duration truth = first.sent - (asked_is_known ? stream.asked : *begin);
  ++accuracy.kept;
  if (!first.interrupted) {
    accuracy.ttft_errors.push_back(std::chrono::abs(measured - truth));
  }
}

void add_gap(Accuracy& accuracy, const std::vector<SeenEvent>& events, std::size_t index) {
  const SeenEvent& from = events[index - 1];
  const SeenEvent& to = events[index];
  const Duration bound = slack(events, index - 1) + slack(events, index);
  ++accuracy.measurements;
  if (from.arrival.at == to.arrival.at || bound > k_max_error_bound) {
    return;  // what came together has no gap
  }
  const Duration measured = to.arrival.at - from.arrival.at;
  ++accuracy.kept;
  if (from.interrupted || to.interrupted) {
    return;
  }
  accuracy.itl_errors.push_back(std::chrono::abs(measured - (to.sent - from.sent)));
}

}  // namespace

double Accuracy::share_kept() const {
  return measurements == 0 ? 0 : static_cast<double>(kept) / static_cast<double>(measurements);
}

void add(Accuracy& accuracy, const SeenStream& stream, std::uint32_t expected) {
  ++accuracy.streams;
  const std::vector<SeenEvent>& events = stream.events;
  if (stream.report.ending != transport::Ending::complete || events.size() != expected ||
      events.empty()) {
    ++accuracy.failed;
    return;
  }
  accuracy.events += events.size();
  accuracy.kernel_stamps =
      accuracy.kernel_stamps && stream.report.connection.stamps == measure::StampSource::kernel;
  add_ttft(accuracy, stream);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (slack(events, i) <= k_max_error_bound && !events[i].interrupted) {
      add_stamp(accuracy, events[i]);
    }
    if (i > 0) {
      add_gap(accuracy, events, i);
    }
  }
}

Duration quantile(std::span<const Duration> errors, double q) {
  std::vector<double> counts;
  counts.reserve(errors.size());
  for (const Duration error : errors) {
    counts.push_back(static_cast<double>(error.count()));
  }
  return Duration(static_cast<Duration::rep>(measure::quantile(std::move(counts), q).value_or(0)));
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "good";
    case Verdict::failed:
      return "failed";
    case Verdict::off:
      return "off";
    case Verdict::few_kept:
      return "few kept";
  }
  return "";
}

Verdict judge(const Accuracy& accuracy) {
  if (accuracy.failed > 0 || accuracy.events == 0) {
    return Verdict::failed;
  }
  if (accuracy.share_kept() < k_min_kept) {
    return Verdict::few_kept;
  }
  const bool right = quantile(accuracy.stamp_errors, 0.99) <= k_max_error &&
                     quantile(accuracy.ttft_errors, 0.99) <= k_max_error &&
                     quantile(accuracy.itl_errors, 0.99) <= k_max_error;
  return right ? Verdict::good : Verdict::off;
}

}  // namespace inferometer::selftest
