#pragma once

#include <cstdint>
#include <string_view>

namespace inferometer::schedule {

/// One of several daemons that share the probes of one configuration.
struct Shard {
  std::uint32_t index = 0;  ///< below `count`
  std::uint32_t count = 1;
};

/// Which shard of `count` an identity belongs to: the same on every host and in every release. One
/// shard more moves to it 1 / (count + 1) of the identities, and no others. Source: Lamping and
/// Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm". REQUIRES: count > 0.
[[nodiscard]] std::uint32_t shard_of(std::string_view identity, std::uint32_t count);

[[nodiscard]] inline bool belongs_to(std::string_view identity, const Shard& shard) {
  return shard_of(identity, shard.count) == shard.index;
}

}  // namespace inferometer::schedule
