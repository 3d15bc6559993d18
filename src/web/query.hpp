#pragma once

#include "base/error.hpp"

#include <map>
#include <string>
#include <string_view>

namespace inferometer::web {

/// The parameters of a URL's query, decoded (`%41`, `+`). A parameter that comes twice or a broken
/// escape is an error: what was meant cannot be told.
[[nodiscard]] base::Result<std::map<std::string, std::string>> parse_query(std::string_view query);

}  // namespace inferometer::web
