#pragma once

#include "protocol/answer/api_error.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace inferometer::protocol {

inline ApiError classified(int status, std::string_view body, std::string_view error_type = "") {
  return classify_response({.status = status, .error_type = error_type, .body = body});
}

/// A response and the outcome that it is.
struct ErrorCase {
  int status;
  std::string_view body;
  measure::Outcome outcome;
};

template <std::size_t Size>
void check_all(const ErrorCase (&cases)[Size]) {
  for (const ErrorCase& one : cases) {
    CAPTURE(one.status);
    CAPTURE(one.body);
    const ApiError error = classified(one.status, one.body);
    CHECK(measure::to_string(error.outcome) == measure::to_string(one.outcome));
    CHECK(error.message.starts_with("HTTP " + std::to_string(one.status) + ": "));
    CHECK(error.message.size() < 400);
  }
}

}  // namespace inferometer::protocol
