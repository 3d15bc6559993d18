#pragma once

#include <string_view>

namespace inferometer::base {

/// What was built. Revision and branch are git's, the revision with `-dirty` if files were changed;
/// `unknown` where the sources were no work tree of git's.
struct BuildInfo {
  std::string_view version;
  std::string_view revision;
  std::string_view branch;
};

/// This program. Of the library inferometer::build_info.
[[nodiscard]] BuildInfo build_info();

}  // namespace inferometer::base
