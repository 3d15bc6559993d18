#include "slo/verdict.hpp"

#include <algorithm>
#include <optional>

namespace inferometer::slo {
namespace {

using measure::Outcome;

/// The verdict of several conditions: one that is missed decides, then one that is not known.
class Conjunction {
 public:
  template <typename Figure, typename Holds>
  void add(const std::optional<Figure>& figure, const Holds& holds) {
    if (!figure) {
      m_all_known = false;
    } else if (!holds(*figure)) {
      m_all_hold = false;
    }
  }

  [[nodiscard]] Verdict verdict() const {
    if (!m_all_hold) {
      return Verdict::bad;
    }
    return m_all_known ? Verdict::good : Verdict::not_judged;
  }

 private:
  bool m_all_hold = true;
  bool m_all_known = true;
};

/// The longest gap of a success. None where it may be one of those that our own delay spoilt,
/// unless one that is known is above the threshold already.
std::optional<base::Duration> longest_gap(const measure::Measurement& measurement,
                                          const measure::Samples& samples,
                                          base::Duration threshold) {
  const auto& gaps = samples.inter_token_latencies;
  const auto longest = std::max_element(gaps.begin(), gaps.end());
  if (longest == gaps.end() || (*longest <= threshold && measure::lost_gaps(measurement) > 0)) {
    return std::nullopt;
  }
  return *longest;
}

Verdict judge_success(const config::Sli& sli, const measure::Measurement& measurement,
                      const measure::Samples& samples) {
  Conjunction all;
  const auto at_most = [&all](const std::optional<base::Duration>& threshold,
                              const std::optional<base::Duration>& figure) {
    if (threshold) {
      all.add(figure, [&](base::Duration value) { return value <= *threshold; });
    }
  };
  at_most(sli.ttft_below, samples.ttft);
  at_most(sli.first_reasoning_below, samples.first_reasoning);
  if (const auto threshold = sli.inter_token_latency_below) {
    at_most(threshold, longest_gap(measurement, samples, *threshold));
  }
  at_most(sli.time_per_output_token_below, samples.time_per_output_token);
  at_most(sli.duration_below, samples.duration);
  if (const auto threshold = sli.output_tokens_per_second_above) {
    all.add(samples.output_tokens_per_second, [&](double value) { return value >= *threshold; });
  }
  return all.verdict();
}

}  // namespace

Verdict judge(const config::Sli& sli, const measure::Measurement& measurement,
              const measure::Samples& samples) {
  if (measurement.suspect || measurement.outcome == Outcome::internal_error) {
    return Verdict::not_judged;
  }
  return measurement.outcome == Outcome::success ? judge_success(sli, measurement, samples)
                                                 : Verdict::bad;
}

}  // namespace inferometer::slo
