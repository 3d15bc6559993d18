#include "cli/terminal/tally.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace inferometer::cli {
namespace {

using measure::make_success;
using measure::Measurement;
using measure::Outcome;

Measurement failure() {
  Measurement measurement = make_success();
  measurement.outcome = Outcome::rate_limited;
  measurement.detail = "HTTP 429: slow down \x1b[31m";
  return measurement;
}

Tally three() {
  Measurement suspect = make_success();
  suspect.suspect = true;
  Tally tally;
  for (const Measurement& measurement : {make_success(), suspect, failure()}) {
    tally.add(measurement);
  }
  return tally;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("failed and suspect attempts are counted and give no samples") {
  const Tally tally = three();
  CHECK(tally.attempts == 3);
  CHECK(tally.suspects == 1);
  CHECK(tally.failed() == 1);
  CHECK(tally.samples_of(Figure::ttft).size() == 1);
  CHECK(tally.samples_of(Figure::duration).size() == 1);
  CHECK(tally.samples_of(Figure::itl).size() == make_success().content_arrivals.size() - 1);
  CHECK(tally.samples_of(Figure::first_reasoning).empty());
}

TEST_CASE("table and JSON hold the same figures") {
  const Tally tally = three();
  const auto json = nlohmann::json::parse(to_json(tally));
  CHECK(json["attempts"] == 3);
  CHECK(json["successes"] == 2);
  CHECK(json["suspects"] == 1);
  CHECK(json["failures"] == nlohmann::json{{"rate_limited", 1}});
  CHECK_FALSE(json["figures"].contains("first_reasoning_seconds"));
  const std::string table = to_table(tally, {});
  CHECK(table.starts_with("3 attempts: 2 succeeded, 1 failed (1 rate_limited), 1 suspect\n"));
  for (const FigureInfo& info : k_figures) {
    if (!json["figures"].contains(info.key)) {
      continue;
    }
    CAPTURE(info.key);
    const auto& figure = json["figures"][std::string(info.key)];
    const std::size_t at = table.find('\n' + std::string(info.title) + ' ');
    REQUIRE(at != std::string::npos);
    std::istringstream row(table.substr(at + 1 + info.title.size()));
    double value = 0;
    for (const char* key : {"count", "p50", "p90", "p99", "max"}) {
      row >> value;
      const bool scaled = info.is_time && key != std::string("count");
      CHECK(value == doctest::Approx(figure[key].get<double>() * (scaled ? 1e3 : 1)).epsilon(0.01));
    }
  }
}

TEST_CASE("an attempt is a line with its detail below and no line is longer than the terminal") {
  const Terminal terminal{.columns = 40};
  const std::vector<std::string> lines =
      lines_of(attempt_heading(terminal) + attempt_line(1, failure(), terminal) +
               to_table(three(), terminal));
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(width_of(line) <= 80);
    CHECK(line.find('\x1b') == std::string::npos);
  }
  CHECK(lines[1].find("rate_limited") != std::string::npos);
  CHECK(lines[2].find("HTTP 429") != std::string::npos);
  CHECK(width_of(lines[1]) == 40);
}

TEST_CASE("one attempt is no plural") {
  Tally tally;
  tally.add(make_success());
  CHECK(to_table(tally, {}).starts_with("1 attempt: 1 succeeded, 0 failed\n"));
}

}  // namespace inferometer::cli
