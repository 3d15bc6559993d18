#pragma once

#include "config/config.hpp"

#include <string>

namespace inferometer::config {

/// The effective configuration as YAML, every default and every target written out, for people to
/// look at. It loads again to an equal Config while the prompt files and variables are the same,
/// but for the values of headers and query parameters that may be secrets, which it shows as
/// `<secret>`. What came from a variable is shown as `${NAME}` again, in texts of 4 bytes also
/// where it is only a part.
[[nodiscard]] std::string to_redacted_yaml(const Config& config);

}  // namespace inferometer::config
