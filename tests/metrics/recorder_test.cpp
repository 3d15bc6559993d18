#include "metrics/recorder.hpp"

#include "exposition/format.hpp"
#include "measure/make_measurement.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/families.hpp"
#include "metrics/one_target.hpp"
#include "schedule/scheduler.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace inferometer::metrics;
using inferometer::measure::k_outcomes;
using inferometer::measure::k_usage_gaps;
using inferometer::measure::make_success;
using inferometer::measure::Measurement;
using inferometer::measure::Outcome;
using inferometer::measure::RateLimitResource;
using inferometer::measure::TokenUsage;
using inferometer::measure::UsageGap;
using namespace std::chrono_literals;

namespace {

/// Summed over the reasons.
double usage_missing(const Families& families) {
  double sum = 0;
  for (const UsageGap gap : k_usage_gaps) {
    sum += value(families, "llm_probe_usage_missing_total", std::string(to_string(gap)));
  }
  return sum;
}

}  // namespace

TEST_CASE("a recorder without targets has no families") {
  const Recorder recorder;
  CHECK(recorder.collect().empty());
}

TEST_CASE_FIXTURE(OneTarget, "a new target has its counters at 0 and nothing that is unknown") {
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 0);
  const auto* const failures = find_family(families, "llm_probe_failures_total");
  REQUIRE(failures);
  CHECK(failures->samples.size() == 22);
  for (const Outcome outcome : k_outcomes) {
    if (outcome != Outcome::success) {
      CHECK(value(families, "llm_probe_failures_total", std::string(to_string(outcome))) == 0);
    }
  }
  CHECK(value(families, "llm_probe_skipped_total", "overlap") == 0);
  CHECK(value(families, "llm_probe_skipped_total", "late") == 0);
  CHECK(value(families, "llm_probe_skipped_total", "rate_limited") == 0);
  CHECK(value(families, "llm_probe_retries_total") == 0);
  CHECK_FALSE(find_family(families, "llm_probe_ratelimit_limit"));
  CHECK_FALSE(find_family(families, "llm_probe_ratelimit_remaining"));
  for (const char* const kind : {"input", "cached_input", "output", "reasoning"}) {
    CHECK(value(families, "llm_probe_tokens_total", kind) == 0);
  }
  for (const UsageGap gap : k_usage_gaps) {
    CHECK(value(families, "llm_probe_usage_missing_total", std::string(to_string(gap))) == 0);
  }
  CHECK(find_family(families, "llm_probe_usage_missing_total")->samples.size() == 3);
  CHECK(value(families, "llm_probe_in_flight") == 0);
  CHECK_FALSE(find_family(families, "llm_probe_success"));
  CHECK_FALSE(find_family(families, "llm_probe_last_success_timestamp_seconds"));
  CHECK_FALSE(find_family(families, "llm_probe_tls_certificate_expiry_timestamp_seconds"));
  CHECK(histogram_names(families).empty());
}

TEST_CASE_FIXTURE(OneTarget, "a success puts each figure into its histogram") {
  record(recorder, make_full());
  const Families families = recorder.collect();
  const auto sum = [&](const char* name, const char* label = "") {
    const HistogramSample sample = histogram(families, name, label);
    CHECK(sample.count == (std::string_view(name).ends_with("latency_seconds") ? 2 : 1));
    return doctest::Approx(sample.sum);
  };
  CHECK(0.2 == sum("llm_probe_ttft_seconds"));
  CHECK(0.18 == sum("llm_probe_server_ttft_seconds"));
  CHECK(0.025 == sum("llm_probe_tcp_rtt_seconds"));
  CHECK(0.05 == sum("llm_probe_first_reasoning_seconds"));
  CHECK(0.05 == sum("llm_probe_inter_token_latency_seconds"));
  CHECK(0.005 == sum("llm_probe_time_per_output_token_seconds"));
  CHECK(2.0 == sum("llm_probe_duration_seconds"));
  CHECK(200.0 == sum("llm_probe_output_tokens_per_second"));
  CHECK(0.001 == sum("llm_probe_phase_seconds", "dns"));
  CHECK(0.002 == sum("llm_probe_phase_seconds", "connect"));
  CHECK(0.003 == sum("llm_probe_phase_seconds", "tls"));
  CHECK(0.001 == sum("llm_probe_phase_seconds", "send"));
  CHECK(0.099 == sum("llm_probe_phase_seconds", "wait"));
}

TEST_CASE_FIXTURE(OneTarget, "a success shows in the counters and gauges") {
  begin(recorder, k_target);
  Measurement success = make_full();
  success.coalesced = 3;
  record(recorder, success);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 1);
  CHECK(value(families, "llm_probe_coalesced_total") == 3);
  CHECK(usage_missing(families) == 0);
  CHECK(value(families, "llm_probe_suspect_total", "success") == 0);
  CHECK(value(families, "llm_probe_buffered_total") == 0);
  CHECK(value(families, "llm_probe_gaps_lost_total") == 0);
  CHECK(value(families, "llm_probe_tcp_retransmissions_total") == 0);
  CHECK(value(families, "llm_probe_tcp_out_of_order_total") == 2);
  CHECK(value(families, "llm_probe_success") == 1);
  CHECK(value(families, "llm_probe_last_success_timestamp_seconds") == 1'700'000'002);
  CHECK(value(families, "llm_probe_tls_certificate_expiry_timestamp_seconds") == 1'800'000'000);
  CHECK(value(families, "llm_probe_in_flight") == 0);
  for (const auto& sample : find_family(families, "llm_probe_failures_total")->samples) {
    CHECK(std::get<double>(sample.value) == 0);
  }
}

TEST_CASE_FIXTURE(OneTarget, "each failure counts under its own reason and enters no histogram") {
  for (const Outcome outcome : k_outcomes) {
    if (outcome != Outcome::success) {
      record(recorder, make_failure(outcome));
    }
  }
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 22);
  for (const auto& sample : find_family(families, "llm_probe_failures_total")->samples) {
    CHECK_MESSAGE(std::get<double>(sample.value) == 1, labels_of(sample).back().value);
  }
  CHECK(histogram_names(families).empty());
  CHECK(usage_missing(families) == 0);
  CHECK_FALSE(find_family(families, "llm_probe_last_success_timestamp_seconds"));
}

TEST_CASE_FIXTURE(OneTarget, "success follows the last attempt but not our own errors") {
  record(recorder, make_failure(Outcome::internal_error));
  CHECK_FALSE(find_family(recorder.collect(), "llm_probe_success"));
  record(recorder, make_success());
  record(recorder, make_failure(Outcome::internal_error));
  CHECK(value(recorder.collect(), "llm_probe_success") == 1);
  record(recorder, make_failure(Outcome::overloaded));
  CHECK(value(recorder.collect(), "llm_probe_success") == 0);
  record(recorder, make_failure(Outcome::internal_error));
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_success") == 0);
  CHECK(value(families, "llm_probe_last_success_timestamp_seconds") == 1'700'000'002);
  CHECK(value(families, "llm_probe_attempts_total") == 5);
  CHECK(value(families, "llm_probe_failures_total", "internal_error") == 3);
  Measurement keyless = make_failure(Outcome::internal_error);
  record(recorder, make_success());
  keyless.no_credentials = true;
  record(recorder, keyless);
  CHECK(value(recorder.collect(), "llm_probe_success") == 0);
}

TEST_CASE_FIXTURE(OneTarget, "stalls are counted in successes and failures alike") {
  record(recorder, make_success({200ms, 5200ms, 5300ms}));
  record(recorder, make_failure(Outcome::connection_lost));
  CHECK(value(recorder.collect(), "llm_probe_stalls_total") == 2);
}

TEST_CASE_FIXTURE(OneTarget, "tokens are counted by kind wherever the provider reported them") {
  record(recorder, make_success());
  Measurement filtered = make_failure(Outcome::content_filtered);
  filtered.usage = TokenUsage{.input = 10, .cached_input = 4, .output = 20, .reasoning = 15};
  record(recorder, filtered);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_tokens_total", "input") == 522);
  CHECK(value(families, "llm_probe_tokens_total", "cached_input") == 132);
  CHECK(value(families, "llm_probe_tokens_total", "output") == 31);
  CHECK(value(families, "llm_probe_tokens_total", "reasoning") == 15);
}

TEST_CASE_FIXTURE(OneTarget,
                  "a success without usage has no token figures and is counted as such") {
  Measurement measurement = make_success();
  measurement.usage.reset();
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_usage_missing_total", "no_report") == 1);
  CHECK(usage_missing(families) == 1);
  CHECK_FALSE(find_family(families, "llm_probe_time_per_output_token_seconds"));
  CHECK_FALSE(find_family(families, "llm_probe_output_tokens_per_second"));
  CHECK(find_family(families, "llm_probe_ttft_seconds"));
}

TEST_CASE_FIXTURE(OneTarget, "what a report leaves out is added to no counter and no histogram") {
  Measurement measurement = make_success();
  measurement.usage = TokenUsage{.output = 100};
  measurement.timeline.first_reasoning = *measurement.timeline.request_begin + 50ms;
  record(recorder, measurement);
  measurement.usage = TokenUsage{.input = 7};
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_usage_missing_total", "reasoning_uncounted") == 1);
  CHECK(value(families, "llm_probe_usage_missing_total", "no_output_count") == 1);
  CHECK(usage_missing(families) == 2);
  CHECK(value(families, "llm_probe_tokens_total", "output") == 100);
  CHECK(value(families, "llm_probe_tokens_total", "input") == 7);
  CHECK(value(families, "llm_probe_tokens_total", "reasoning") == 0);
  CHECK_FALSE(find_family(families, "llm_probe_time_per_output_token_seconds"));
  CHECK_FALSE(find_family(families, "llm_probe_output_tokens_per_second"));
}

TEST_CASE_FIXTURE(OneTarget, "the phases that a reused connection skips have no series") {
  Measurement reused = make_success();
  reused.timeline.name_resolved.reset();
  reused.timeline.connected.reset();
  reused.timeline.tls_done.reset();
  record(recorder, reused);
  const Families families = recorder.collect();
  const auto* const phases = find_family(families, "llm_probe_phase_seconds");
  REQUIRE(phases);
  REQUIRE(phases->samples.size() == 2);
  CHECK(labels_of(phases->samples[0]).back().value == "send");
  CHECK(labels_of(phases->samples[1]).back().value == "wait");
}

TEST_CASE_FIXTURE(OneTarget, "a plain connection does not forget the certificate seen before") {
  record(recorder, make_full());
  record(recorder, make_success());
  CHECK(value(recorder.collect(), "llm_probe_tls_certificate_expiry_timestamp_seconds") ==
        1'800'000'000);
}

TEST_CASE_FIXTURE(OneTarget, "every reason of the scheduler is counted apart") {
  for (const auto reason : inferometer::schedule::k_skip_reasons) {
    recorder.find(k_target)->skip(reason, 3);
    CHECK(value(recorder.collect(), "llm_probe_skipped_total", std::string(to_string(reason))) ==
          3);
  }
  const auto families = recorder.collect();
  CHECK(find_family(families, "llm_probe_skipped_total")->samples.size() == 4);
}

TEST_CASE_FIXTURE(OneTarget, "attempts in flight are those begun and neither recorded nor cut") {
  begin(recorder, k_target);
  begin(recorder, k_target);
  begin(recorder, k_target);
  CHECK(value(recorder.collect(), "llm_probe_in_flight") == 3);
  record(recorder, make_success());
  abandon(recorder, k_target);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_in_flight") == 1);
  CHECK(value(families, "llm_probe_attempts_total") == 1);
}

TEST_CASE("each family has the labels and the order that the catalogue says") {
  Recorder recorder;
  recorder.set_targets(
      {{.key = k_target, .thresholds = {}, .allowance = make_held(), .slos = make_slos()},
       {.key = k_other, .thresholds = {}, .allowance = make_held(), .slos = make_slos()}});
  Measurement other = make_full();
  other.target = k_other;
  record(recorder, make_full());
  record(recorder, other);
  const Families families = recorder.collect();

  std::vector<std::string> expected;
  for (const Metric& metric : k_catalogue) {
    if (metric.name.starts_with("llm_probe_")) {
      expected.emplace_back(metric.name);
    }
  }
  REQUIRE(families.size() == expected.size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    const Metric& metric = *families[i].metric;
    CHECK(metric.name == expected[i]);
    CHECK(labels_of(families[i].samples.front()).front().value == "anthropic");
    CHECK(labels_of(families[i].samples.back()).front().value == "openai");
    for (const Sample& sample : families[i].samples) {
      const Labels labels = labels_of(sample);
      CHECK(std::ranges::equal(labels, metric.labels, {}, &Label::name));
      const auto* const histogram = std::get_if<HistogramSample>(&sample.value);
      REQUIRE((histogram != nullptr) == (metric.type == MetricType::histogram));
      CHECK((histogram == nullptr || histogram->buckets.size() == metric.edges.size() + 1));
    }
  }
}

TEST_CASE_FIXTURE(OneTarget, "an attempt on demand counts with its tokens and nowhere else") {
  recorder.find(k_target)->record_on_demand(make_full());
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_on_demand_total") == 1);
  CHECK(value(families, "llm_probe_attempts_total") == 0);
  CHECK(value(families, "llm_probe_tokens_total", "output") == 31);
  CHECK(find_family(families, "llm_probe_success") == nullptr);
  CHECK(histogram_names(families).empty());
}

TEST_CASE_FIXTURE(OneTarget, "one probe with everything sampled costs at most 260 series") {
  record(recorder, make_full());
  const Families families = recorder.collect();
  const std::string text =
      inferometer::exposition::write(families, inferometer::exposition::Format::text);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  const std::size_t series = lines - 2 * families.size();  // HELP and TYPE
  CHECK(series <= 260);
  CHECK(series == 260);  // as docs/metrics.md says
}

TEST_CASE_FIXTURE(OneTarget, "limits show as the last response gave them and stay until the next") {
  Measurement measurement = make_failure(Outcome::rate_limited);
  measurement.rate_limits = {{RateLimitResource::requests, 60, 0, 30s},
                             {RateLimitResource::input_tokens, 80'000, {}, {}}};
  record(recorder, measurement);
  record(recorder, make_failure(Outcome::connect_error));
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_ratelimit_limit", "requests") == 60);
  CHECK(value(families, "llm_probe_ratelimit_remaining", "requests") == 0);
  CHECK(value(families, "llm_probe_ratelimit_limit", "input_tokens") == 80'000);
  const auto* const remaining = find_family(families, "llm_probe_ratelimit_remaining");
  REQUIRE(remaining);
  CHECK(remaining->samples.size() == 1);
}

TEST_CASE_FIXTURE(OneTarget, "a retry is an attempt like any other and is counted as a retry too") {
  Measurement measurement = make_success();
  record(recorder, measurement);
  measurement.attempt = 2;
  record(recorder, measurement);
  measurement.attempt = 3;
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 3);
  CHECK(value(families, "llm_probe_retries_total") == 2);
}

TEST_CASE_FIXTURE(OneTarget, "an answer that was not streamed has a duration and no token times") {
  Measurement measurement = make_success({});
  measurement.streamed = false;
  measurement.content_bytes = 10;
  record(recorder, measurement);
  const std::set<std::string> names = histogram_names(recorder.collect());
  CHECK(names == std::set<std::string>{"llm_probe_duration_seconds", "llm_probe_phase_seconds"});
}
