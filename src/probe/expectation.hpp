#pragma once

#include "base/error.hpp"
#include "base/thread/mutex.hpp"
#include "config/config.hpp"

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}  // namespace re2

namespace inferometer::probe {

/// What a workload expects of an answer's text, ready to be checked again and again. Bounded in
/// time (linear in the text) and memory, whatever the answer. Thread-safe after construction.
class Expectation {
 public:
  /// Fails if the regular expression is none, or needs more than 8 MiB.
  [[nodiscard]] static base::Result<Expectation> compile(const config::Expectation& config);

  Expectation(Expectation&&) noexcept;
  Expectation& operator=(Expectation&&) noexcept;
  ~Expectation();

  /// Fails if `text`, the whole answer, is not as expected; the message says what was, and shows in
  /// one line of valid UTF-8 how the text begins. The text need not be valid itself. Its secrets
  /// must be redacted before: an excerpt may hold half of one.
  [[nodiscard]] base::Result<void> check(std::string_view text) const;

 private:
  Expectation(std::unique_ptr<re2::RE2> regex, bool json);

  std::unique_ptr<re2::RE2> m_regex;  ///< null: any text
  bool m_json;
};

/// The expectations of all workloads, each compiled once: a large one takes tens of milliseconds,
/// which no attempt should wait for. Thread-safe.
class Expectations {
 public:
  /// Compiles those of these targets, and forgets all others.
  void keep(const std::vector<config::Target>& targets) EXCLUDES(m_mutex);

  /// Null where nothing is expected. Compiles what was not kept; the error is compile()'s.
  [[nodiscard]] base::Result<std::shared_ptr<const Expectation>> get(
      const config::Expectation& config) const EXCLUDES(m_mutex);

 private:
  using Key = std::pair<std::string, bool>;  ///< the members of config::Expectation

  mutable base::Mutex m_mutex;
  std::map<Key, std::shared_ptr<const Expectation>> m_compiled GUARDED_BY(m_mutex);
};

}  // namespace inferometer::probe
