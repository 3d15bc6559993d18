#pragma once

#include "base/error.hpp"
#include "sim/model/latency.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace inferometer::sim {

/// How fast a simulated provider is when it has nothing else to do.
struct Profile {
  std::string_view name;  ///< also the name of its only model, and the first part of its paths
  Distribution ttft;
  Distribution itl;  ///< between two consecutive content events of one stream
};

/// The profiles that ship with the simulator. Their figures are claims of the article in
/// seed-figures, not measurements of ours.
[[nodiscard]] std::span<const Profile> profiles();

/// Where in profiles() `profile`, which is one of them, is.
[[nodiscard]] std::size_t profile_index(const Profile& profile);

/// The profile of that name; the error lists the names there are.
[[nodiscard]] base::Result<const Profile*> find_profile(std::string_view name);

}  // namespace inferometer::sim
