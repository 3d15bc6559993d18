#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::config {

/// Looks up an environment variable; no value if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

/// Whether `text` can name an environment variable: `[A-Za-z_][A-Za-z0-9_]*`.
[[nodiscard]] bool is_variable_name(std::string_view text);

/// `text` with each `${NAME}` replaced by the variable's value and each `$$` by `$`. What a
/// variable holds is not looked into again. Refuses an undefined variable, any other use of `$`,
/// and a result over `max_bytes`. The error never holds a variable's value.
[[nodiscard]] base::Result<std::string> substitute(std::string_view text,
                                                   const Environment& environment,
                                                   std::size_t max_bytes);

/// The text that `substitute` turns back into `text`: each `$` doubled.
[[nodiscard]] std::string escape_variables(std::string_view text);

}  // namespace inferometer::config
