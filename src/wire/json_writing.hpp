#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace inferometer::wire {

/// `value` as one line of JSON, what is not UTF-8 replaced; empty if it nests deeper than 100
/// levels, since the library writes recursively.
[[nodiscard]] std::string write_json(const nlohmann::json& value);

}  // namespace inferometer::wire
