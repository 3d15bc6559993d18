#pragma once

#include "measure/measurement.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace inferometer::protocol {

/// An API's word for why the model stopped.
struct NamedReason {
  std::string_view name;
  measure::FinishReason reason;
};

/// What a table of an API's words says of `name`; no value where it does not know it.
[[nodiscard]] inline std::optional<measure::FinishReason> find_reason(
    std::span<const NamedReason> reasons, std::string_view name) {
  const auto found =
      std::find_if(reasons.begin(), reasons.end(),
                   [name](const NamedReason& reason) { return reason.name == name; });
  return found == reasons.end() ? std::nullopt : std::optional(found->reason);
}

}  // namespace inferometer::protocol
