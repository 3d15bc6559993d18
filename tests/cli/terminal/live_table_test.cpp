#include "cli/terminal/live_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace inferometer::cli {
namespace {

constexpr Terminal k_plain{};
constexpr Terminal k_coloured{.is_terminal = true, .escapes = true, .colours = true, .columns = 80};

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
  const std::string row = line(render_table({failing()}, k_plain), 2);
  CHECK(row.find("slow-provider") == 0);
  for (const char* part : {" 7 ", " 3 ", " 2 ", " 48.1 ", "stalled"}) {
    CAPTURE(part);
    CHECK(row.find(part) != std::string::npos);
  }
}

TEST_CASE("figures that are not known yet are shown as a dash and never as 0") {
  measure::Summary summary;
  summary.target = {"p", "m", "w"};
  const std::string row = line(render_table({summary}, k_plain), 2);
  CHECK(std::count(row.begin(), row.end(), '-') == 5);
  CHECK(row.find("waiting") != std::string::npos);
}

TEST_CASE("colour marks failing rows and is absent where it is not wanted") {
  CHECK(render_table({failing()}, k_coloured).find("\x1b[31mslow-provider") != std::string::npos);
  CHECK(render_table({failing()}, k_plain).find('\x1b') == std::string::npos);
  measure::Summary good = failing();
  good.last->outcome = measure::Outcome::success;
  CHECK(render_table({good}, k_coloured).find("\x1b[31m") == std::string::npos);
}

TEST_CASE("no line is longer than the terminal and long names are shortened") {
  measure::Summary long_name = failing();
  long_name.target.provider = "a-provider-with-a-very-long-name-indeed-and-光光光光光光光光光光";
  long_name.attempts = 123'456'789;
  long_name.ttft_p99 = std::chrono::minutes(10);
  long_name.last->outcome = measure::Outcome::first_token_timeout;
  for (const std::size_t columns : {20U, 40U, 60U, 80U, 100U, 200U}) {
    CAPTURE(columns);
    const std::string text =
        render_table({failing(), long_name}, Terminal{.is_terminal = true, .columns = columns});
    for (std::size_t number = 0; number < 4; ++number) {
      CHECK(width_of(line(text, number)) <= columns);
    }
  }
  const std::string row = line(render_table({long_name}, Terminal{.columns = 80}), 2);
  CHECK(row.starts_with("a-provider…"));
  CHECK(row.find("…") != std::string::npos);
  CHECK(line(render_table({long_name}, k_plain), 2).find("first_token_timeout") !=
        std::string::npos);
}

TEST_CASE("a name that would turn the text around is written out") {
  measure::Summary summary = failing();
  summary.target.provider = "a\u202eb";
  CHECK(line(render_table({summary}, k_plain), 2).starts_with("a\\u202eb"));
}

}  // namespace inferometer::cli
