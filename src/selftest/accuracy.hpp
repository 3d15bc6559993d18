#pragma once

#include "selftest/stamp_listener.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// How far what was measured is from what was true. Pure.
namespace inferometer::selftest {

/// A measurement whose stamps leave more than this open is not kept.
inline constexpr base::Duration k_max_error_bound = std::chrono::milliseconds(1);

/// What the streams of one run add up to. Errors are of kept measurements only, and absolute; where
/// the server itself was interrupted, none is known.
struct Accuracy {
  std::size_t streams = 0;
  std::size_t failed = 0;        ///< of these, not whole
  std::size_t events = 0;        ///< of the whole ones
  std::size_t measurements = 0;  ///< the TTFT and the gaps that a perfect instrument would have
  std::size_t kept = 0;          ///< of these, those that we would show
  std::vector<base::Duration> stamp_errors;  ///< our stamp of an event less its true send time
  std::vector<base::Duration> ttft_errors;   ///< from the request's departure to its first event
  std::vector<base::Duration> itl_errors;    ///< of the gaps between two events
  bool kernel_stamps = true;                 ///< all of the stamps were the kernel's

  [[nodiscard]] double share_kept() const;
};

/// Adds what one answer of `expected` events says.
void add(Accuracy& accuracy, const SeenStream& stream, std::uint32_t expected);

/// The quantile of some of the errors; 0 if there are none.
[[nodiscard]] base::Duration quantile(std::span<const base::Duration> errors, double q);

/// What a run says of the machine. Limits and their reasons: docs/methodology.md.
enum class Verdict {
  good,
  failed,    ///< answers did not come whole
  off,       ///< what is kept is off by too much
  few_kept,  ///< too much would have to be thrown away
};

[[nodiscard]] std::string_view to_string(Verdict verdict);

/// At p99, of stamps, TTFT and ITL.
inline constexpr base::Duration k_max_error = std::chrono::microseconds(500);
inline constexpr double k_min_kept = 0.95;

[[nodiscard]] Verdict judge(const Accuracy& accuracy);

}  // namespace inferometer::selftest
