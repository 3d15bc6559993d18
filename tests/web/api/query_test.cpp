#include "web/api/query.hpp"

#include "measure/make_measurement.hpp"
#include "web/make_status.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::web {
namespace {

using measure::Measurement;
using measure::Outcome;
using Kind = MeasurementQuery::Kind;
using Order = MeasurementQuery::Order;
using test::k_now;
using test::make_target;
using namespace std::chrono_literals;

/// One attempt a second, the first with id "0".
Measurements make_measurements(std::vector<Measurement> list) {
  Measurements all;
  for (Measurement& each : list) {
    each.id = std::to_string(all.size());
    each.started_at += all.size() * 1s;
    all.push_back(std::make_shared<const Measurement>(std::move(each)));
  }
  return all;
}

Measurement failure(Outcome outcome, base::Duration duration = 2s) {
  Measurement result = measure::make_success({});
  result.outcome = outcome;
  result.timeline.ended = result.timeline.started + duration;
  return result;
}

std::string ids(const Measurements& all, std::string_view query) {
  const auto read = read_measurement_query(query);
  REQUIRE(read);
  std::string result;
  for (const auto& each : select_measurements(all, *read)) {
    result += each->id;
  }
  return result;
}

std::string refusal(std::string_view query) {
  const auto read = read_measurement_query(query);
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("without a query the newest hundred measurements are asked for") {
  const auto query = read_measurement_query("");
  REQUIRE(query);
  CHECK(query->kind == Kind::any);
  CHECK(query->order == Order::newest);
  CHECK(query->limit == 100);
}

TEST_CASE("measurements are found by how they went") {
  Measurement suspect = measure::make_success();
  suspect.suspect = true;
  const Measurements all = make_measurements(
      {measure::make_success(), failure(Outcome::stalled), suspect, failure(Outcome::dns_error)});
  CHECK(ids(all, "") == "3210");
  CHECK(ids(all, "outcome=failed") == "31");
  CHECK(ids(all, "outcome=success") == "20");
  CHECK(ids(all, "outcome=suspect") == "2");
  CHECK(ids(all, "outcome=stalled") == "1");
  CHECK(ids(all, "outcome=overloaded").empty());
  CHECK(ids(all, "limit=1") == "3");
  CHECK(ids(all, "outcome=failed&limit=1") == "3");
}

TEST_CASE("the slowest are those of the longest TTFT, or duration where there is none") {
  Measurement whole = measure::make_success({});
  whole.streamed = false;
  whole.timeline.ended = whole.timeline.started + 1s;
  const Measurements all =
      make_measurements({measure::make_success({300ms}), failure(Outcome::first_token_timeout, 30s),
                         measure::make_success({900ms}), whole, measure::make_success({})});
  CHECK(ids(all, "sort=slowest") == "13204");
  CHECK(ids(all, "sort=slowest&outcome=success&limit=2") == "32");
}

TEST_CASE("measurements of a target are found by its names alone or together") {
  Measurement other = measure::make_success();
  other.target.model = "meta/Llama 3";
  const Measurements all = make_measurements({measure::make_success(), other});
  CHECK(ids(all, "provider=openai") == "10");
  CHECK(ids(all, "model=meta%2FLlama+3") == "1");
  CHECK(ids(all, "provider=openai&model=gpt-4o&workload=chat-short") == "0");
  CHECK(ids(all, "provider=gone").empty());
  CHECK(ids(all, "workload=").empty());
}

TEST_CASE("bad parameters are refused with what there is") {
  CHECK(refusal("modell=x") ==
        "unknown query parameter modell: there are provider, model, workload, outcome, sort and "
        "limit");
  CHECK(
      refusal("outcome=bad")
          .starts_with("unknown outcome \"bad\": there are failed, suspect, success, dns_error, "));
  CHECK(refusal("sort=oldest") == "sort must be newest or slowest");
  for (const char* limit : {"0", "1001", "-1", "1e3", "", "99999999999999999999999", " 5", "5 "}) {
    CAPTURE(limit);
    CHECK(refusal("limit=" + std::string(limit)) == "limit must be a number from 1 to 1000");
  }
  CHECK(refusal("limit=1&limit=2") == "the query parameter limit is given twice");
  CHECK_FALSE(refusal("provider=%zz").empty());
  CHECK(refusal("limit=1000").empty());
}

TEST_CASE("targets are found by names and by the page's filter") {
  const std::vector<TargetStatus> targets{make_target("a", Outcome::success),
                                          make_target("b", Outcome::stalled)};
  const auto found = [&](std::string_view query) {
    const auto read = read_target_query(query);
    REQUIRE(read);
    std::string result;
    for (const TargetStatus* const each : select_targets(targets, *read, k_now)) {
      result += each->summary.target.provider;
    }
    return result;
  };
  CHECK(found("") == "ba");
  CHECK(found("filter=failing") == "b");
  CHECK(found("provider=a") == "a");
  CHECK(found("provider=a&filter=failing").empty());
  CHECK(found("model=gpt-4o&workload=chat-short") == "ba");
  const auto bad = read_target_query("outcome=failed");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message ==
        "unknown query parameter outcome: there are filter, provider, model and workload");
}

}  // namespace inferometer::web
