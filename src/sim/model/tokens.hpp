#pragma once

#include "base/error.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// The tokens of prompts and of answers: how they are counted, what their text is, and which of
/// them a server has in its prefix cache.
namespace inferometer::sim {

/// How the simulated model counts a prompt: so many bytes a token, after the tokens of its chat
/// template, which are the same for every prompt.
struct Tokenizer {
  double bytes_per_token = 4;
  std::uint32_t template_tokens = 0;

  /// The tokens of a prompt of that many bytes.
  [[nodiscard]] std::uint64_t count(std::size_t bytes) const {
    return template_tokens +
           static_cast<std::uint64_t>(std::ceil(static_cast<double>(bytes) / bytes_per_token));
  }

  /// Where in the prompt's bytes the token with that index begins; those of the template begin at
  /// its first byte.
  [[nodiscard]] std::size_t offset(std::uint64_t token) const {
    const std::uint64_t own = token > template_tokens ? token - template_tokens : 0;
    return static_cast<std::size_t>(static_cast<double>(own) * bytes_per_token);
  }
};

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

/// The prefix cache of one simulated server, as vLLM has it: prompts in blocks of 16 tokens, each
/// known by the hash of all that leads up to its end; the blocks that were not used for longest are
/// forgotten first. Holds hashes, not texts. Not thread-safe.
class PrefixCache {
 public:
  static constexpr std::uint64_t k_block_tokens = 16;
  static constexpr std::size_t k_most_blocks = 65'536;

  explicit PrefixCache(std::size_t most_blocks = k_most_blocks) : m_most_blocks(most_blocks) {}

  /// How many tokens at the start of the prompt `text` the model `model` need not compute again: a
  /// multiple of a block, and never all tokens, since the last one gives the first of the answer.
  /// Remembers the prompt's full blocks.
  [[nodiscard]] std::uint64_t use(std::string_view model, std::string_view text,
                                  const Tokenizer& tokenizer);

  /// Blocks that are known now.
  [[nodiscard]] std::size_t size() const { return m_known.size(); }

 private:
  using Hash = std::uint64_t;

  [[nodiscard]] std::vector<Hash> hash_blocks(std::string_view model, std::string_view text,
                                              const Tokenizer& tokenizer) const;
  void remember(Hash block);

  std::size_t m_most_blocks;
  std::list<Hash> m_recent;  ///< the one used last is first
  std::unordered_map<Hash, std::list<Hash>::iterator> m_known;
};

}  // namespace inferometer::sim
