#pragma once

#include "sim/model/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace inferometer::sim {

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
