#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::sim {

/// What a simulated model says: words that begin again when they have all been said. One word is
/// one token. Copies share the words.
class AnswerText {
 public:
  /// Words of the simulator's own, each with a space before it. Some have characters of two and
  /// three bytes, so that a cut between any two bytes of a stream meets them.
  AnswerText();

  /// The words of `text`, which is printable ASCII without `"` and `\`, so that it can stand in a
  /// JSON string as it is; a space goes before each word but the very first.
  [[nodiscard]] static base::Result<AnswerText> given(std::string_view text);

  /// Appends the tokens from `first` on to `out`.
  void append(std::string& out, std::uint64_t first, std::uint64_t count) const;

 private:
  using Words = std::vector<std::string>;

  explicit AnswerText(Words words);

  std::shared_ptr<const Words> m_words;  ///< each with the space before it
  bool m_leading_space = false;          ///< the very first token has its space too
};

}  // namespace inferometer::sim
