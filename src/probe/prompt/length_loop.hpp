#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace inferometer::probe::prompt {

/// Finds how long one target's prompt must be to have the wanted number of tokens, from what the
/// provider reports for the lengths tried. A report is taken for overhead + characters / ratio,
/// with neither known: the ratio comes from the last two reports (the secant method), and from one
/// alone where these are too close. Not thread-safe.
class LengthLoop {
 public:
  /// The goal. When it changes, what was learnt is forgotten.
  struct Goal {
    std::uint32_t tokens = 0;  ///< of the whole input as the provider counts it; 0: a prompt file
    config::Language language = config::Language::english;
    std::size_t system_size = 0;    ///< bytes of the system prompt
    std::uint64_t system_hash = 0;  ///< of its text
    bool varies = false;  ///< a nonce makes the count differ by a few tokens from prompt to prompt
    bool truncates = false;  ///< a prompt file is cut to what fits

    /// Whether no length is to be found: a prompt file that is sent as it is.
    [[nodiscard]] bool is_fixed() const { return tokens == 0 && !truncates; }

    bool operator==(const Goal&) const = default;
  };

  explicit LengthLoop(const Goal& goal);

  [[nodiscard]] const Goal& goal() const { return m_goal; }

  /// The length to try now, from 1 to 16 bytes for each wanted token; 0 with a prompt file.
  [[nodiscard]] std::size_t characters() const { return m_characters; }

  /// The average of the last report, its overhead included, within [1, 16]; 4 before there is one.
  [[nodiscard]] double characters_per_token() const { return m_characters_per_token; }

  /// Takes the provider's report on a prompt of `characters` bytes. The length settles once a
  /// report is within 1 % of the goal (2 tokens, if it varies), or after 8 reports at the best of
  /// them, such as where the overhead alone is too much. From then on it only moves if a report on
  /// this length is off by more than twice as much, from the goal or from what it settled for.
  /// Ignored are reports of 0 tokens, fewer than an eighth of what 4 characters a token make, and
  /// more than 8 times that or the goal.
  void learn(std::size_t characters, std::uint64_t tokens);

  /// Takes that a prompt of `characters` bytes was refused as too long, and no count was told.
  /// Ignored are refusals of lengths other than the present one.
  /// - Where nothing is known of how the provider counts, each makes the next prompt a fifth
  ///   shorter, down to 1.5 bytes a wanted token, more than any tokenizer is known to need for this
  ///   text. What is still refused then does not fit: the first guess is sent again, to fail as
  ///   what it is, and after 20 refusals more the search begins anew.
  /// - Where counts are known it is the window that is too small, and the length stays, but for 1 %
  ///   at most three times, by which the last step may have been too long.
  /// - Where a length that was accepted is refused three times in a row, the provider counts
  ///   otherwise now: what was learnt is forgotten.
  void refuse(std::size_t characters);

 private:
  struct Report {
    double characters = 0;
    double tokens = 0;
  };

  [[nodiscard]] bool is_plausible(const Report& report) const;
  [[nodiscard]] double error_of(const Report& report) const;
  [[nodiscard]] double tolerance() const;
  [[nodiscard]] bool confirms(const Report& report) const;
  void settle(const Report& report);
  void seek(const Report& report);
  void fit_ratio(const Report& report);
  void forget_reports();
  void shorten();
  void scale(double factor, std::size_t least, double least_ratio);

  Goal m_goal;
  std::size_t m_characters;
  double m_characters_per_token;
  std::optional<double> m_ratio;  ///< bytes for one more token, once there was a report
  std::optional<Report> m_last;   ///< these three since the length last began to move
  std::optional<Report> m_best;
  int m_reports = 0;
  std::optional<double> m_settled;  ///< the tokens that reports have since
  bool m_counted = false;           ///< a report was taken, since reports were last forgotten
  int m_refusals = 0;               ///< without a count, in a row, since the length last moved
  int m_misfits = 0;                ///< how many more to take before the length is shortened again
};

}  // namespace inferometer::probe::prompt
