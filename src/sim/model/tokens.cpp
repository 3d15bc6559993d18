#include "sim/model/tokens.hpp"

#include "sim/model/latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace inferometer::sim {
namespace {

constexpr std::size_t k_longest_answer = 4096;

bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.push_back(fmt::format(" {}", text.substr(0, end)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

AnswerText::AnswerText() : m_leading_space(true) {
  static const auto k_words =
      std::make_shared<const Words>(Words{" time", " to", " first", " token", " über", " latency",
                                          " 光", " wave", " fringe", " naïve", " phase", " path"});
  m_words = k_words;
}

AnswerText::AnswerText(Words words) : m_words(std::make_shared<const Words>(std::move(words))) {}

base::Result<AnswerText> AnswerText::given(std::string_view text) {
  std::vector<std::string> words = split_words(text);
  if (text.size() > k_longest_answer || words.empty() ||
      !std::all_of(text.begin(), text.end(), is_plain)) {
    return base::fail(
        fmt::format("the text of an answer must be printable ASCII without quotes and "
                    "backslashes, with at least one word and at most {} bytes",
                    k_longest_answer));
  }
  return AnswerText(std::move(words));
}

void AnswerText::append(std::string& out, std::uint64_t first, std::uint64_t count) const {
  for (std::uint64_t i = first; i < first + count; ++i) {
    std::string_view word = (*m_words)[i % m_words->size()];
    if (i == 0 && !m_leading_space) {
      word.remove_prefix(1);
    }
    out.append(word);
  }
}

std::uint64_t PrefixCache::use(std::string_view model, std::string_view text,
                               const Tokenizer& tokenizer) {
  const std::uint64_t tokens = tokenizer.count(text.size());
  const std::vector<Hash> blocks = hash_blocks(model, text, tokenizer);
  const auto unknown = std::find_if(blocks.begin(), blocks.end(),
                                    [this](Hash block) { return !m_known.contains(block); });
  const auto known = static_cast<std::uint64_t>(unknown - blocks.begin());
  const std::uint64_t usable = tokens == 0 ? 0 : (tokens - 1) / k_block_tokens;
  // From the last to the first, so that a chain is forgotten from its end: its start may serve
  // another prompt, while a block without its predecessor is of no use.
  std::for_each(blocks.rbegin(), blocks.rend(), [this](Hash block) { remember(block); });
  return std::min(known, usable) * k_block_tokens;
}

/// No more blocks than the cache can hold: a prompt of 16 MiB has more.
std::vector<PrefixCache::Hash> PrefixCache::hash_blocks(std::string_view model,
                                                        std::string_view text,
                                                        const Tokenizer& tokenizer) const {
  const std::uint64_t full = tokenizer.count(text.size()) / k_block_tokens;
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(full, m_most_blocks));
  const std::hash<std::string_view> hash;
  std::vector<Hash> blocks;
  blocks.reserve(count);
  Hash chain = hash(model);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = std::min(tokenizer.offset(i * k_block_tokens), text.size());
    const std::size_t end = std::min(tokenizer.offset((i + 1) * k_block_tokens), text.size());
    chain = Random(chain ^ hash(text.substr(begin, end - begin))).next();
    blocks.push_back(chain);
  }
  return blocks;
}

void PrefixCache::remember(Hash block) {
  const auto found = m_known.find(block);
  if (found != m_known.end()) {
    m_recent.splice(m_recent.begin(), m_recent, found->second);
    return;
  }
  m_recent.push_front(block);
  m_known.emplace(block, m_recent.begin());
  if (m_known.size() > m_most_blocks) {
    m_known.erase(m_recent.back());
    m_recent.pop_back();
  }
}

}  // namespace inferometer::sim
