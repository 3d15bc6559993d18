#include "base/descriptor.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace inferometer::base {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

bool is_descriptor_reserved(int descriptor) {
  constexpr rlim_t k_kept = 32;
  constexpr rlim_t k_kept_share = 8;  // of a limit that is itself small
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return false;
  }
  // A new descriptor has the lowest number that is free.
  const rlim_t kept = std::min(k_kept, limit.rlim_cur / k_kept_share);
  return static_cast<rlim_t>(descriptor) >= limit.rlim_cur - kept;
}

}  // namespace inferometer::base
