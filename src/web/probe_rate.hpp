#pragma once

#include "base/clock.hpp"
#include "base/thread/mutex.hpp"
#include "http/access/token_bucket.hpp"

#include <cstdint>
#include <optional>

namespace inferometer::web {

/// How often /probe may be asked, all clients together: each call costs money. Thread-safe.
class ProbeRate {
 public:
  /// No value if a probe may run at `now`, which is then counted; else how long to wait. A new
  /// bound begins with a full bucket. REQUIRES: per_minute > 0.
  [[nodiscard]] std::optional<base::Duration> take(std::uint32_t per_minute,
                                                   base::MonotonicTime now) EXCLUDES(m_mutex);

 private:
  base::Mutex m_mutex;
  std::uint32_t m_per_minute GUARDED_BY(m_mutex) = 0;  ///< that of the bucket
  std::optional<http::TokenBucket> m_bucket GUARDED_BY(m_mutex);
};

}  // namespace inferometer::web
