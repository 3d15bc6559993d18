#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

/// The way out of a misspelt word: `did you mean "interval"?` if one of `known` is close, else
/// `known keys: a, b, c` (`plural` is "keys" here), cut where that list is long.
[[nodiscard]] std::string suggest(std::string_view word, std::string_view plural,
                                  const std::vector<std::string_view>& known);

}  // namespace inferometer::config
