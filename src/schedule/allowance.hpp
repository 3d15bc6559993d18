#pragma once

#include "base/clock.hpp"
#include "base/thread/mutex.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

namespace inferometer::schedule {

/// Why a tick started nothing.
enum class SkipReason {
  overlap,       ///< max_in_flight runs were still open
  late,          ///< we came to it only after the job's next tick was due
  rate_limited,  ///< the provider's requests_per_minute were used up
  held,          ///< the provider had refused and named a time before which not to try again
};

inline constexpr std::array k_skip_reasons{SkipReason::overlap, SkipReason::late,
                                           SkipReason::rate_limited, SkipReason::held};

/// The reason as the `reason` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(SkipReason reason);

/// How many requests may begin within any span of that length. REQUIRES: both > 0.
struct Rate {
  std::uint32_t requests = 0;
  base::Duration period = std::chrono::minutes(1);
};

/// The part of so many requests a minute that a share in (0, 1] allows: whole requests a minute,
/// rounded down, or one in some minutes where that would be none.
[[nodiscard]] Rate share_of(std::uint32_t requests_per_minute, double share);

/// How many requests of one provider may begin. Shared by the allowances of its models.
/// Thread-safe.
class RateLimit {
 public:
  /// No value: any number.
  explicit RateLimit(std::optional<Rate> rate) : m_rate(rate) {}

  /// Changes the bound. What began within the last period under a bound still counts.
  void set(std::optional<Rate> rate) EXCLUDES(m_mutex);

  /// True if a request may begin at `now`, which is then counted.
  [[nodiscard]] bool take(base::MonotonicTime now) EXCLUDES(m_mutex);

 private:
  base::Mutex m_mutex;
  std::optional<Rate> m_rate GUARDED_BY(m_mutex);
  std::deque<base::MonotonicTime> m_taken GUARDED_BY(m_mutex);  ///< within the last period
};

/// What may be asked of one model now: its provider's rate limit, and nothing during a hold, until
/// the time that the provider named in a refusal. Shared by all jobs of the model. Thread-safe.
class Allowance {
 public:
  /// REQUIRES: `rate_limit` is not null, max_hold > 0.
  Allowance(std::shared_ptr<RateLimit> rate_limit, base::Duration max_hold)
      : m_rate_limit(std::move(rate_limit)), m_max_hold(max_hold) {}

  /// Nothing if a request may begin at `now`, which is then counted; else why it may not.
  [[nodiscard]] std::optional<SkipReason> take(base::MonotonicTime now) EXCLUDES(m_mutex);

  /// Allows nothing for as long as the provider `asked`, but for no longer than max_hold: a
  /// monitor must see the recovery. A hold that ends later stays.
  void hold(base::Duration asked, const base::Clock& clock) EXCLUDES(m_mutex);

  /// When the latest hold ends, which may be in the past; no value if there never was one.
  [[nodiscard]] std::optional<base::WallTime> held_until() const EXCLUDES(m_mutex);

 private:
  struct Hold {
    base::MonotonicTime until{};
    base::WallTime wall_until{};
  };

  const std::shared_ptr<RateLimit> m_rate_limit;
  const base::Duration m_max_hold;
  mutable base::Mutex m_mutex;
  std::optional<Hold> m_hold GUARDED_BY(m_mutex);
};

}  // namespace inferometer::schedule
