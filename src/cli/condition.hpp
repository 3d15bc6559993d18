#pragma once

#include "base/error.hpp"
#include "cli/terminal/tally.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace inferometer::cli {

/// When a run of `inferometer probe` is to fail: `[AGGREGATE(]FIGURE[)] OPERATOR VALUE`, such as
/// `ttft>1s`, `p95(itl) > 50ms`, `output_speed<20` or `failure_ratio>5%`. docs/operations.md has
/// the grammar.
struct Condition {
  enum class Count { failures, failure_ratio };
  enum class Operator { above, at_least, below, at_most };

  std::string text;  ///< as it was written
  std::variant<Figure, Count> subject = Figure::ttft;
  /// Of the samples of a figure; none: any of them, which is the largest or the smallest.
  std::optional<double> quantile;
  bool mean = false;  ///< the mean of the samples instead
  Operator comparison = Operator::above;
  double value = 0;  ///< in base units: seconds, tokens a second, attempts, or a ratio
};

/// The error says what is expected, and shows the place in the text by a line below it.
[[nodiscard]] base::Result<Condition> parse_condition(std::string_view text);

/// What to say if the condition holds, with the figure; none if it does not. It holds as well where
/// the figure has no value, so that nothing passes that was not measured.
[[nodiscard]] std::optional<std::string> judge(const Condition& condition, const Tally& tally);

/// What to say of all of them. Unless one is about failures, a single failed attempt is one more
/// reason to fail. Empty: the run is good.
[[nodiscard]] std::vector<std::string> reasons_to_fail(const std::vector<Condition>& conditions,
                                                       const Tally& tally);

}  // namespace inferometer::cli
