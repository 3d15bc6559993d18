#include "sim/model/answer_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::sim {
namespace {

constexpr std::size_t k_longest = 4096;

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
  if (text.size() > k_longest || words.empty() ||
      !std::all_of(text.begin(), text.end(), is_plain)) {
    return base::fail(
        fmt::format("the text of an answer must be printable ASCII without quotes and "
                    "backslashes, with at least one word and at most {} bytes",
                    k_longest));
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

}  // namespace inferometer::sim
