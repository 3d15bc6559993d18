#include "fuzz/input.hpp"
#include "protocol/answer/api_error.hpp"

#include <cstddef>
#include <cstdint>

// Any body under any status is some failure; the first two bytes are the status.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  using namespace inferometer::protocol;
  fuzz::Input input(data, size);
  const int status = 300 + (input.byte() * 256 + input.byte()) % 300;
  const ApiError error =
      classify_response({.status = status, .error_type = "", .body = input.rest()});
  fuzz::require(error.outcome != measure::Outcome::success &&
                error.outcome != measure::Outcome::internal_error);
  if (const auto reported = classify_body_error(input.rest())) {
    fuzz::require(reported->outcome != measure::Outcome::success);
  }
  return 0;
}
