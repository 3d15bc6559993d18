#include "config/problem.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_quote = 64;

}  // namespace

std::string render(std::string_view file_name, const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += file_name;
    if (problem.line > 0) {
      text += fmt::format(":{}:{}", problem.line, problem.column);
    }
    text += ": " + problem.message;
    if (!problem.hint.empty()) {
      text += ": " + problem.hint;
    }
    text += '\n';
  }
  return text;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  std::size_t taken = 0;
  while (taken < text.size()) {
    const std::string_view character = base::first_character(text.substr(taken));
    if (taken + std::max(character.size(), std::size_t{1}) > k_longest_quote) {
      return quoted + "…\"";
    }
    if (character.empty()) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[taken++]));
      continue;
    }
    if (const auto code = base::invisible_code(character)) {
      const auto number = static_cast<unsigned>(*code);
      quoted += number < 0x80 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
    } else {
      quoted += character;
    }
    taken += character.size();
  }
  return quoted + "\"";
}

void Problems::add(Mark mark, std::string message, std::string hint) {
  if (is_full()) {
    ++m_dropped;
    return;
  }
  m_kept.push_back({mark.line, mark.column, std::move(message), std::move(hint)});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> problems = m_kept;
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (m_dropped > 0) {
    problems.push_back({0, 0, fmt::format("and {} more problems", m_dropped), {}});
  }
  return problems;
}

}  // namespace inferometer::config
