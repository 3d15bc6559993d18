#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/protocol_traits.hpp"
#include "config/substitute.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

struct LoadOptions {
  std::vector<ProtocolTraits> protocols;          ///< what `protocol` may name
  Environment environment = process_environment;  ///< for `${NAME}`
};

/// The configuration, or everything that is wrong with it in the order of the file.
using LoadResult = tl::expected<Config, std::vector<Problem>>;

/// Reads, checks and expands a configuration. `file_name` decides the folder that relative paths in
/// it start from; the file itself is not touched.
[[nodiscard]] LoadResult load_text(std::string_view text, const std::string& file_name,
                                   const LoadOptions& options);

/// The same from a regular file of at most 4 MiB. Says of a pipe and of standard input that they
/// can be read only once.
[[nodiscard]] LoadResult load_file(const std::string& file_name, const LoadOptions& options);

/// The same at the start of the program, when `file_name` may also be a pipe, or `-` for standard
/// input: these are waited for, and relative paths in them start from the current folder.
[[nodiscard]] LoadResult load_first(const std::string& file_name, const LoadOptions& options);

/// How messages name that file.
[[nodiscard]] std::string shown_name(const std::string& file_name);

}  // namespace inferometer::config
