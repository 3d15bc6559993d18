#pragma once

#include "base/error.hpp"

#include <map>
#include <string>
#include <string_view>

namespace inferometer::web {

/// By name, and those of one name in the order sent.
using Parameters = std::multimap<std::string, std::string>;

/// The parameters of a URL's query, decoded (`%41`, `+`). A list is a parameter that comes several
/// times and whose name ends in `[]`; any other that comes twice, a broken escape or that of a
/// control character is an error: what was meant cannot be told.
[[nodiscard]] base::Result<Parameters> parse_query(std::string_view query);

}  // namespace inferometer::web
