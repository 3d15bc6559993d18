#pragma once

#include <string>
#include <string_view>

namespace inferometer::probe {

/// One printable, bounded line of valid UTF-8, whatever the provider sent: for a measurement's
/// detail.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace inferometer::probe
