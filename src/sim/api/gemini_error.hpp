#pragma once

#include "sim/api/wire_format.hpp"

#include <nlohmann/json.hpp>

namespace inferometer::sim {

/// An error of Google's APIs with its name and details: wire-protocols §6. Without a status of its
/// own a wrong key is an invalid argument.
[[nodiscard]] nlohmann::json gemini_error_object(const ApiError& error);

/// It as a response; WireFormat::render_error.
[[nodiscard]] http::Response render_gemini_error(const ApiError& error);

}  // namespace inferometer::sim
