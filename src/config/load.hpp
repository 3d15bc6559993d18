#pragma once

#include "base/error.hpp"
#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/section/provider.hpp"
#include "config/yaml/substitute.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
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

/// Holds the configuration in force, and replaces it by a good one only. Thread-safe.
class Reloader {
 public:
  /// Loads nothing yet. `name` is what the text comes from, as messages say it; `load` reads it.
  Reloader(std::string name, std::function<LoadResult()> load);

  /// Loads again. The result is in force from then on; if it has problems, the old one stays and
  /// the error lists them all, a line each. Calls at the same time follow each other.
  [[nodiscard]] base::Result<void> reload() EXCLUDES(m_loading, m_mutex);

  /// The configuration in force; null before the first success.
  [[nodiscard]] std::shared_ptr<const Config> current() const EXCLUDES(m_mutex);

 private:
  const std::string m_name;
  const std::function<LoadResult()> m_load;

  base::Mutex m_loading;  ///< held while loading: an older text must not replace a newer one
  mutable base::Mutex m_mutex;
  std::shared_ptr<const Config> m_current GUARDED_BY(m_mutex);
};

}  // namespace inferometer::config
