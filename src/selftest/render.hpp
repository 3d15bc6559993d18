#pragma once

#include "selftest/selftest.hpp"

#include <string>
#include <vector>

/// The self-test's result for people and for programs.
namespace inferometer::selftest {

/// One line a row, times in microseconds, and a last one with the verdict on all.
[[nodiscard]] std::string to_table(const std::vector<Row>& rows);

/// One JSON object, times in seconds.
[[nodiscard]] std::string to_json(const std::vector<Row>& rows);

}  // namespace inferometer::selftest
