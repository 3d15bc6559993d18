#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

/// A place in the configuration file: line and column (in bytes) from 1; line 0 is the whole file.
struct Mark {
  int line = 0;
  int column = 0;
};

/// One thing that is wrong with the configuration file, and how to mend it.
struct Problem {
  int line = 0;
  int column = 0;
  std::string message;
  std::string hint;  ///< may be empty
};

/// One line for each problem: `file.yml:12:5: message: hint`.
[[nodiscard]] std::string render(std::string_view file_name, const std::vector<Problem>& problems);

/// `text` as messages show it: in quotes, cut to a bearable length, control characters escaped.
[[nodiscard]] std::string quote(std::string_view text);

/// Collects what is wrong while a file is read. Keeps the first hundred and counts the rest, so
/// that a hopeless file cannot fill the memory.
class Problems {
 public:
  void add(Mark mark, std::string message, std::string hint = {});

  [[nodiscard]] bool empty() const { return m_kept.empty(); }

  /// Whether further problems will only be counted.
  [[nodiscard]] bool is_full() const { return m_kept.size() >= k_most_kept; }

  /// In the order of the file.
  [[nodiscard]] std::vector<Problem> sorted() const;

 private:
  static constexpr std::size_t k_most_kept = 100;

  std::vector<Problem> m_kept;
  std::size_t m_dropped = 0;
};

}  // namespace inferometer::config
