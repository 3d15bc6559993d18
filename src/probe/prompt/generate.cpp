#include "probe/prompt/generate.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace inferometer::probe::prompt {
namespace {

/// Words of 2, 3, … bytes that can stand at the end of any sentence.
using Fillers = std::array<std::string_view, 7>;
constexpr Fillers k_english_fillers{"so", "now", "then", "again", "slowly", "finally", "together"};
constexpr Fillers k_german_fillers{"so", "nun", "dann", "schon", "wieder", "endlich", "zusammen"};

struct Words {
  std::span<const std::string_view> sentences;
  std::span<const std::string_view> fillers;
};

Words words_of(config::Language language) {
  switch (language) {
    case config::Language::english:
      return {english_sentences(), k_english_fillers};
    case config::Language::german:
      return {german_sentences(), k_german_fillers};
  }
  return {};
}

/// All sentences in one order after another. The generator and the shuffle are spelt out by the
/// standard and here, where std::shuffle may differ between libraries.
class Rounds {
 public:
  Rounds(std::span<const std::string_view> sentences, std::uint32_t seed)
      : m_order(sentences.begin(), sentences.end()), m_random(seed) {
    shuffle();
    const auto first =
        std::find(m_order.begin(), m_order.end(), sentences[seed % sentences.size()]);
    std::iter_swap(m_order.begin(), first);
  }

  std::string_view next() {
    if (m_next == m_order.size()) {
      const std::string_view last = m_order.back();
      shuffle();
      if (m_order.front() == last) {
        std::swap(m_order.front(), m_order.back());
      }
      m_next = 0;
    }
    return m_order[m_next++];
  }

 private:
  /// Fisher and Yates; the slight bias of the remainder does not matter here.
  void shuffle() {
    for (std::size_t i = m_order.size() - 1; i > 0; --i) {
      std::swap(m_order[i], m_order[m_random() % (i + 1)]);
    }
  }

  std::vector<std::string_view> m_order;
  std::mt19937_64 m_random;
  std::size_t m_next = 0;
};

/// Appends the words of `sentence` that fit, then short words, so that `text` is exactly as long.
void append_cut(std::string& text, std::string_view sentence,
                std::span<const std::string_view> fillers, std::size_t length) {
  const auto append = [&text](std::string_view words) {
    text.append(text.empty() ? 0 : 1, ' ').append(words);
  };
  const auto room = [&text, length] {
    const std::size_t gap = text.empty() ? 0 : 1;
    return length - text.size() - std::min(gap, length - text.size());
  };
  // A space is one byte wherever it stands, so a cut at one never splits a character.
  const std::size_t cut = room() > 0 ? sentence.rfind(' ', room() - 1) : std::string_view::npos;
  if (cut != std::string_view::npos) {
    append(sentence.substr(0, cut));
  }
  constexpr std::size_t k_least = 3;  // a word of 2 and a full stop
  while (room() >= k_least + fillers.size()) {
    append(fillers[3]);
  }
  if (room() >= k_least) {
    append(fillers[room() - k_least]);
  }
  text.append(length - text.size(), '.');
}

}  // namespace

std::string generate_text(config::Language language, std::uint32_t seed, std::size_t length) {
  const Words words = words_of(language);
  Rounds rounds(words.sentences, seed);
  std::string text;
  text.reserve(length);
  std::string_view sentence = rounds.next();
  while (text.size() + 1 + sentence.size() <= length) {
    text.append(text.empty() ? 0 : 1, ' ').append(sentence);
    sentence = rounds.next();
  }
  append_cut(text, sentence, words.fillers, length);
  return text;
}

}  // namespace inferometer::probe::prompt
