#pragma once

#include "base/error.hpp"
#include "schedule/shard.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::cli {

/// As the flags say it.
struct ShardFlags {
  std::uint32_t count = 1;
  std::optional<std::uint32_t> index;  ///< none: the host name's ordinal
};

/// Which shard this process is. Where there are several and no index is given, it is the number
/// behind the last hyphen of the host name, as Kubernetes names the pods of a StatefulSet.
[[nodiscard]] base::Result<schedule::Shard> resolve_shard(const ShardFlags& flags,
                                                          std::string_view host_name);

/// The name of this host.
[[nodiscard]] std::string host_name();

}  // namespace inferometer::cli
