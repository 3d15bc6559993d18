#include "measure/measurement.hpp"

#include <doctest/doctest.h>

using inferometer::measure::FinishReason;

TEST_CASE("finish reasons are written as their enumerators") {
  CHECK(to_string(FinishReason::stop) == "stop");
  CHECK(to_string(FinishReason::length) == "length");
  CHECK(to_string(FinishReason::tool_calls) == "tool_calls");
  CHECK(to_string(FinishReason::content_filter) == "content_filter");
  CHECK(to_string(FinishReason::error) == "error");
}
