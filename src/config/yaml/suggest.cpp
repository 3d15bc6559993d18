#include "config/yaml/suggest.hpp"

#include "config/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>

namespace inferometer::config {
namespace {

// More is not worth the time: the comparison is quadratic in the words.
constexpr std::size_t k_longest_compared = 64;
constexpr std::size_t k_most_compared = 1000;
constexpr std::size_t k_most_listed = 20;

/// Levenshtein's distance, by the usual two-row table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggest(std::string_view word, std::string_view plural,
                    const std::vector<std::string_view>& known) {
  std::size_t nearest = std::min<std::size_t>((word.size() + 1) / 3, 3) + 1;
  std::string_view best;
  const std::span compared = std::span(known).first(std::min(known.size(), k_most_compared));
  for (const std::string_view candidate : compared) {
    const std::size_t shorter = std::min(candidate.size(), word.size());
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (longer > k_longest_compared || longer - shorter >= nearest) {
      continue;
    }
    if (const std::size_t distance = edit_distance(word, candidate); distance < nearest) {
      nearest = distance;
      best = candidate;
    }
  }
  if (!best.empty()) {
    return fmt::format("did you mean {}?", quote(best));
  }
  const auto listed = static_cast<std::ptrdiff_t>(std::min(known.size(), k_most_listed));
  return fmt::format("known {}: {}{}", plural,
                     fmt::join(known.begin(), known.begin() + listed, ", "),
                     known.size() > k_most_listed ? ", …" : "");
}

}  // namespace inferometer::config
