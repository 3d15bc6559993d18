#pragma once

#include "base/error.hpp"
#include "config/config.hpp"

#include <memory>
#include <string_view>

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

}  // namespace inferometer::probe
