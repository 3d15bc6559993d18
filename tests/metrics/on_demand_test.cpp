#include "metrics/on_demand.hpp"

#include "exposition/format.hpp"
#include "metrics/one_target.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::metrics {

TEST_CASE("on demand: a success shows all that it came to under names of its own") {
  measure::Measurement full = make_full();
  full.http_status = 200;
  const Families families = on_demand_families(full);
  CHECK(families.size() == std::size(k_on_demand_catalogue));
  CHECK(value(families, "probe_success") == 1);
  CHECK(value(families, "probe_duration_seconds") > 0);
  CHECK(value(families, "probe_llm_outcome_info", "success") == 1);
  CHECK(value(families, "probe_llm_ttft_seconds") ==
        doctest::Approx(base::seconds(*measure::time_to_first_token(full))));
  CHECK(value(families, "probe_llm_tokens", "output") == 31);
  CHECK(value(families, "probe_llm_suspect") == 0);
  CHECK(value(families, "probe_http_status_code") == 200);
  CHECK(value(families, "probe_ssl_earliest_cert_expiry") == 1'800'000'000);
  for (const Family& family : families) {
    CHECK_FALSE(family.metric->name.starts_with("llm_"));
  }
}

TEST_CASE("on demand: a failure without an answer has no latency and no token") {
  measure::Measurement failure;
  failure.outcome = measure::Outcome::connect_error;
  const Families families = on_demand_families(failure);
  CHECK(value(families, "probe_success") == 0);
  CHECK(value(families, "probe_duration_seconds") == 0);
  CHECK(value(families, "probe_llm_outcome_info", "connect_error") == 1);
  CHECK(value(families, "probe_http_status_code") == 0);
  CHECK(find_family(families, "probe_llm_ttft_seconds") == nullptr);
  CHECK(find_family(families, "probe_llm_tokens") == nullptr);
}

TEST_CASE("on demand: the latencies of a suspect attempt are left out and the bound says why") {
  measure::Measurement suspect = make_full();
  suspect.suspect = true;
  suspect.slacks.first_content = std::chrono::milliseconds(23);
  const Families families = on_demand_families(suspect);
  CHECK(value(families, "probe_success") == 1);
  CHECK(value(families, "probe_llm_suspect") == 1);
  CHECK(value(families, "probe_llm_error_bound_seconds") >= 0.023);
  CHECK(find_family(families, "probe_llm_ttft_seconds") == nullptr);
  CHECK(find_family(families, "probe_llm_phase_seconds") == nullptr);
  CHECK(find_family(families, "probe_llm_tokens") != nullptr);
}

TEST_CASE("on demand: the page is one that Prometheus reads in each format") {
  for (const auto format : {exposition::Format::text, exposition::Format::openmetrics}) {
    const std::string page = exposition::write(on_demand_families(make_full()), format);
    CHECK(page.find("probe_success 1") != std::string::npos);
    CHECK(page.find("probe_llm_outcome_info{outcome=\"success\"} 1") != std::string::npos);
  }
}

}  // namespace inferometer::metrics
