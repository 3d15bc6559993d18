#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_quote = 64;

bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

/// The beginning of `text`, cut between two characters.
std::string_view shorten(std::string_view text) {
  std::size_t end = k_longest_quote;
  while (end > 0 && is_continuation_byte(text[end])) {
    --end;
  }
  return text.substr(0, end);
}

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
  const bool is_long = text.size() > k_longest_quote;
  std::string quoted = "\"";
  for (const char c : is_long ? shorten(text) : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + (is_long ? "…\"" : "\"");
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
