#include "selftest/render.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <tuple>

namespace inferometer::selftest {
namespace {

using base::Duration;
using nlohmann::ordered_json;

constexpr std::string_view k_line =
    "{:<24} {:>7} {:>8} {:>8} {:>9} {:>8} {:>8} {:>9} {:>8} {:>7}  {:<7} {}\n";

std::string microseconds(const std::vector<Duration>& errors, double q) {
  return errors.empty() ? "-" : fmt::format("{:.1f}", base::seconds(quantile(errors, q)) * 1e6);
}

std::string_view stamps(const Accuracy& accuracy) {
  return measure::to_string(accuracy.kernel_stamps ? measure::StampSource::kernel
                                                   : measure::StampSource::read);
}

std::string line(const Row& row) {
  const Accuracy& accuracy = row.accuracy;
  const auto& [sends, ttft, itl] =
      std::tie(accuracy.stamp_errors, accuracy.ttft_errors, accuracy.itl_errors);
  return fmt::format(k_line, to_string(row), accuracy.events, microseconds(sends, 0.5),
                     microseconds(sends, 0.99), microseconds(sends, 1), microseconds(ttft, 0.5),
                     microseconds(ttft, 0.99), microseconds(ttft, 1), microseconds(itl, 0.99),
                     fmt::format("{:.1f}%", 100 * accuracy.share_kept()), stamps(accuracy),
                     to_string(row.verdict));
}

bool any(const std::vector<Row>& rows, Verdict verdict) {
  return std::ranges::any_of(rows, [&](const Row& row) { return row.verdict == verdict; });
}

/// What the verdicts on all rows mean, for the reader.
std::string_view conclusion(const std::vector<Row>& rows) {
  if (is_good(rows)) {
    return "good: what this machine measures is right, also while it is busy";
  }
  if (any(rows, Verdict::failed)) {
    return "failed: answers on this machine's own loopback did not come whole";
  }
  const auto weak = [](const Row& row) { return !row.loaded && row.verdict != Verdict::good; };
  if (std::ranges::any_of(rows, weak)) {
    return "not good: this machine does not measure well even at rest";
  }
  return any(rows, Verdict::off)
             ? "not good: while this machine is busy, its figures are off"
             : "not good: while this machine is busy, it loses measurements; those kept are right";
}

ordered_json errors_json(const std::vector<Duration>& errors) {
  ordered_json json{{"count", errors.size()}};
  if (!errors.empty()) {
    json["p50"] = base::seconds(quantile(errors, 0.5));
    json["p99"] = base::seconds(quantile(errors, 0.99));
    json["max"] = base::seconds(quantile(errors, 1));
  }
  return json;
}

ordered_json row_json(const Row& row) {
  const Accuracy& accuracy = row.accuracy;
  return {{"wire", to_string(row.wire)},
          {"loaded", row.loaded},
          {"streams", accuracy.streams},
          {"failed_streams", accuracy.failed},
          {"events", accuracy.events},
          {"stamp_error_seconds", errors_json(accuracy.stamp_errors)},
          {"ttft_error_seconds", errors_json(accuracy.ttft_errors)},
          {"itl_error_seconds", errors_json(accuracy.itl_errors)},
          {"kept_ratio", accuracy.share_kept()},
          {"stamps", stamps(accuracy)},
          {"verdict", to_string(row.verdict)}};
}

}  // namespace

std::string to_table(const std::vector<Row>& rows) {
  std::string text = fmt::format(k_line, "", "", "", "behind", "send, us", "", "TTFT", "off, us",
                                 "ITL off", "", "", "");
  text += fmt::format(k_line, "CONDITIONS", "EVENTS", "p50", "p99", "max", "p50", "p99", "max",
                      "p99, us", "KEPT", "STAMPS", "VERDICT");
  for (const Row& row : rows) {
    text += line(row);
  }
  return text + fmt::format("\n{}\n", conclusion(rows));
}

std::string to_json(const std::vector<Row>& rows) {
  auto all = ordered_json::array();
  for (const Row& row : rows) {
    all.push_back(row_json(row));
  }
  return ordered_json{{"good", is_good(rows)}, {"rows", std::move(all)}}.dump(2);
}

}  // namespace inferometer::selftest
