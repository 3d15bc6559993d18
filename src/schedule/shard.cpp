#include "schedule/shard.hpp"

#include "base/hash.hpp"

namespace inferometer::schedule {

std::uint32_t shard_of(std::string_view identity, std::uint32_t count) {
  std::uint64_t key = base::fnv1a(identity);
  std::int64_t bucket = -1;
  std::int64_t next = 0;
  while (next < std::int64_t(count)) {
    bucket = next;
    key = key * 2862933555777941757U + 1;  // the paper's generator
    constexpr double k_range = 2147483648.0;
    next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) *
                                     (k_range / static_cast<double>((key >> 33U) + 1)));
  }
  return static_cast<std::uint32_t>(bucket);
}

}  // namespace inferometer::schedule
