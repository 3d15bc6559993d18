#include "cli/live_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace inferometer::cli {
namespace {

measure::Summary failing() {
  measure::Summary summary;
  summary.target = {"slow-provider", "m", "w"};
  summary.attempts = 7;
  summary.failures = 3;
  summary.suspects = 2;
  summary.ttft_p50 = std::chrono::microseconds(48'100);
  summary.last = measure::LastAttempt{};
  summary.last->outcome = measure::Outcome::stalled;
  return summary;
}

std::string line(const std::string& text, std::size_t number) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < number; ++i) {
    begin = text.find('\n', begin) + 1;
  }
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("the table shows counts and milliseconds and the last outcome of each target") {
  const std::string row = line(render_table({failing()}, false), 2);
  CHECK(row.find("slow-provider") == 0);
  for (const char* part : {" 7 ", " 3 ", " 2 ", " 48.1 ", "stalled"}) {
    CAPTURE(part);
    CHECK(row.find(part) != std::string::npos);
  }
}

TEST_CASE("figures that are not known yet are shown as a dash and never as 0") {
  measure::Summary summary;
  summary.target = {"p", "m", "w"};
  const std::string row = line(render_table({summary}, false), 2);
  CHECK(std::count(row.begin(), row.end(), '-') == 5);
  CHECK(row.find("waiting") != std::string::npos);
}

TEST_CASE("colour marks failing rows and is absent where it is not wanted") {
  CHECK(render_table({failing()}, true).find("\x1b[31mslow-provider") != std::string::npos);
  CHECK(render_table({failing()}, false).find('\x1b') == std::string::npos);
  measure::Summary good = failing();
  good.last->outcome = measure::Outcome::success;
  CHECK(render_table({good}, true).find("\x1b[31m") == std::string::npos);
}

}  // namespace inferometer::cli
