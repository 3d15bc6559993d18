#pragma once

#include "base/error.hpp"
#include "sim/model/latency.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace inferometer::sim {

/// What can go wrong with an answer on demand. The table `faults()` says what each one does.
enum class Fault {
  hang_before_headers,
  silent_accept,
  garbage,
  html,
  html_502,
  json_error_200,
  status_400,
  status_401,
  status_402,
  status_403,
  status_404,
  status_408,
  status_409,
  status_413,
  status_422,
  status_424,
  status_429,
  status_498,
  status_500,
  status_502,
  status_503,
  status_504,
  status_529,
  overloaded,
  quota,
  context_length,
  rate_limit_ms,
  rate_limit_seconds,
  rate_limit_date,
  hang_before_first_token,
  trickle,
  endless,
  missing_done,
  done_then_more,
  trailing_spaces,
  empty,
  gzip,
  stall,
  reset,
  close,
  truncate,
  error_event,
  overloaded_event,
  rate_limit_event,
  bad_json,
  invalid_utf8,
  corrupt_crc,
  large_event,
  long_line,
  refusal,
  content_filter,
};

inline constexpr std::size_t k_fault_count = static_cast<std::size_t>(Fault::content_filter) + 1;

/// Where a fault happens. All but the first need an answer that is streamed.
enum class FaultPlace {
  answer,  ///< it takes the answer's place
  stream,  ///< it shapes the stream as a whole
  middle,  ///< it happens once half of the tokens are out
};

struct FaultInfo {
  std::string_view name;
  Fault value;
  FaultPlace place;
  std::string_view summary;
};

/// Every fault, in the order of the enum: serves parsing, dispatch and help.
[[nodiscard]] std::span<const FaultInfo> faults();

[[nodiscard]] const FaultInfo& info(Fault fault);

/// The fault of that name; the error lists the names there are.
[[nodiscard]] base::Result<Fault> parse_fault(std::string_view text);

/// A fault that happens to a share of the requests.
struct FaultRate {
  Fault fault;
  double rate;  ///< in [0, 1]
};

/// Reads `reset=0.01,stall=0.05`; the rates must not add up to more than 1.
[[nodiscard]] base::Result<std::vector<FaultRate>> parse_fault_rates(std::string_view text);

/// Draws the fault of one request, or none.
[[nodiscard]] std::optional<Fault> draw_fault(std::span<const FaultRate> rates, Random& random);

}  // namespace inferometer::sim
