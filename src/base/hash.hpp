#pragma once

#include <cstdint>
#include <string_view>

namespace inferometer::base {

/// 64-bit FNV-1a: the same on every host and in every release, which std::hash is not.
/// Constants: draft-eastlake-fnv.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace inferometer::base
