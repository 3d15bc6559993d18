#include "selftest/render.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace inferometer;
using namespace std::chrono_literals;
using selftest::Row;
using selftest::to_json;
using selftest::to_table;
using selftest::Verdict;
using selftest::Wire;

namespace {

Row row(bool loaded, Verdict verdict) {
  Row made{.wire = Wire::tls, .loaded = loaded, .verdict = verdict};
  made.accuracy.events = 2000;
  made.accuracy.measurements = 1000;
  made.accuracy.kept = 999;
  made.accuracy.stamp_errors = {7us, 9us};
  made.accuracy.ttft_errors = {12us};
  return made;
}

}  // namespace

TEST_CASE("render: a row of the table names its conditions, errors, share and verdict") {
  const std::string table = to_table({row(true, Verdict::good)});
  CHECK(table.find("TLS, under load") != std::string::npos);
  CHECK(table.find("2000      8.0      9.0       9.0     12.0") != std::string::npos);
  CHECK(table.find("-   99.9%  kernel  good\n") != std::string::npos);
}

TEST_CASE("render: the conclusion tells a weak machine from a busy one") {
  const Row good = row(false, Verdict::good);
  const auto conclusion = [](const std::vector<Row>& rows) {
    const std::string table = to_table(rows);
    return table.substr(table.rfind("\n\n") + 2);
  };
  CHECK(conclusion({good, row(true, Verdict::good)}).starts_with("good: "));
  CHECK(conclusion({good, row(true, Verdict::few_kept)}).find("loses") != std::string::npos);
  CHECK(conclusion({good, row(true, Verdict::off)}).find("busy, its figures are off") !=
        std::string::npos);
  CHECK(conclusion({row(false, Verdict::off)}).find("even at rest") != std::string::npos);
  CHECK(conclusion({good, row(true, Verdict::failed)}).starts_with("failed: "));
}

TEST_CASE("render: JSON has the same in seconds") {
  const auto json = nlohmann::json::parse(to_json({row(true, Verdict::off)}));
  CHECK(json.at("good") == false);
  const auto& first = json.at("rows").at(0);
  CHECK(first.at("wire") == "TLS");
  CHECK(first.at("loaded") == true);
  CHECK(first.at("stamp_error_seconds").at("max") == doctest::Approx(9e-6));
  CHECK(first.at("itl_error_seconds") == nlohmann::json{{"count", 0}});
  CHECK(first.at("kept_ratio") == doctest::Approx(0.999));
  CHECK(first.at("verdict") == "off");
}

TEST_CASE("render: nothing measured is not good") {
  CHECK_FALSE(selftest::is_good({}));
}
