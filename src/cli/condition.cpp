#include "cli/condition.hpp"

#include "base/duration.hpp"
#include "config/yaml/suggest.hpp"
#include "measure/derive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace inferometer::cli {
namespace {

using base::fail;
using base::Result;
using Count = Condition::Count;
using Operator = Condition::Operator;

struct Named {
  std::string_view name;
  Count count;
};
constexpr std::array<Named, 2> k_counts{
    {{"failures", Count::failures}, {"failure_ratio", Count::failure_ratio}}};

constexpr std::string_view k_name_characters = "abcdefghijklmnopqrstuvwxyz_0123456789.";

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() &&
                    std::isfinite(number) && number >= 0;
  return good ? std::optional(number) : std::nullopt;
}

/// Reads a condition from the left, and knows the place of what is wrong.
class Parser {
 public:
  explicit Parser(std::string_view text) : m_text(text) {}

  Result<Condition> parse() {
    Condition condition;
    condition.text = std::string(m_text);
    for (const auto step : {&Parser::read_subject, &Parser::read_operator, &Parser::read_value}) {
      if (const Result<void> good = (this->*step)(condition); !good) {
        return tl::make_unexpected(good.error());
      }
    }
    return condition;
  }

 private:
  void skip_spaces() { m_at = std::min(m_text.find_first_not_of(' ', m_at), m_text.size()); }

  std::string_view take_name() {
    skip_spaces();
    m_begin = m_at;
    m_at = std::min(m_text.find_first_not_of(k_name_characters, m_at), m_text.size());
    return m_text.substr(m_begin, m_at - m_begin);
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (!m_text.substr(m_at).starts_with(token)) {
      return false;
    }
    m_at += token.size();
    return true;
  }

  /// An error at `place`.
  [[nodiscard]] tl::unexpected<base::Error> wrong(std::string_view what, std::size_t place) const {
    return fail(fmt::format("{}\n  {}\n  {:>{}}", what, m_text, "^", place + 1));
  }

  Result<void> read_subject(Condition& condition) {
    const std::string_view name = take_name();
    if (!take("(")) {
      return read_name(name, condition);
    }
    if (Result<void> good = read_aggregate(name, condition); !good) {
      return good;
    }
    if (Result<void> good = read_name(take_name(), condition); !good) {
      return good;
    }
    if (std::holds_alternative<Count>(condition.subject)) {
      return wrong("failures are counted over all attempts: leave the aggregate out", m_begin);
    }
    return take(")") ? Result<void>() : wrong("a ) is missing", m_at);
  }

  Result<void> read_aggregate(std::string_view name, Condition& condition) const {
    constexpr double k_percent = 100;
    if (name == "mean") {
      condition.mean = true;
    } else if (name == "min") {
      condition.quantile = 0;
    } else if (name == "max") {
      condition.quantile = 1;
    } else {
      const auto percentile = name.starts_with('p') ? parse_number(name.substr(1)) : std::nullopt;
      if (!percentile || *percentile > k_percent) {
        return wrong("unknown aggregate: use min, mean, max, or a percentile such as p95", m_begin);
      }
      condition.quantile = *percentile / k_percent;
    }
    return {};
  }

  Result<void> read_name(std::string_view name, Condition& condition) const {
    std::vector<std::string_view> known;
    for (const FigureInfo& info : k_figures) {
      if (name == info.name) {
        condition.subject = info.figure;
        return {};
      }
      known.push_back(info.name);
    }
    for (const Named& named : k_counts) {
      if (name == named.name) {
        condition.subject = named.count;
        return {};
      }
      known.push_back(named.name);
    }
    return wrong("unknown figure: " + config::suggest(name, "figures", known), m_begin);
  }

  Result<void> read_operator(Condition& condition) {
    // The longer ones first.
    if (take(">=")) {
      condition.comparison = Operator::at_least;
    } else if (take("<=")) {
      condition.comparison = Operator::at_most;
    } else if (take(">")) {
      condition.comparison = Operator::above;
    } else if (take("<")) {
      condition.comparison = Operator::below;
    } else {
      return wrong("one of > >= < <= is missing", m_at);
    }
    return {};
  }

  Result<void> read_value(Condition& condition) {
    skip_spaces();
    std::string_view text = m_text.substr(m_at);
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    if (const auto* figure = std::get_if<Figure>(&condition.subject)) {
      return k_figures[static_cast<std::size_t>(*figure)].is_time
                 ? read_duration(text, condition)
                 : read_number(text, "a number of tokens a second, such as 20", condition);
    }
    if (std::get<Count>(condition.subject) == Count::failures) {
      return read_number(text, "a number of attempts, such as 0", condition);
    }
    return read_ratio(text, condition);
  }

  Result<void> read_duration(std::string_view text, Condition& condition) const {
    const auto duration = base::parse_duration(text);
    if (!duration) {
      return wrong("a duration with its unit is needed, such as 500ms or 1.5s", m_at);
    }
    condition.value = base::seconds(*duration);
    return {};
  }

  Result<void> read_number(std::string_view text, std::string_view needed,
                           Condition& condition) const {
    const auto number = parse_number(text);
    if (!number) {
      return wrong(fmt::format("{} is needed", needed), m_at);
    }
    condition.value = *number;
    return {};
  }

  Result<void> read_ratio(std::string_view text, Condition& condition) const {
    const bool percent = text.ends_with('%');
    const auto number = parse_number(percent ? text.substr(0, text.size() - 1) : text);
    const double ratio = number.value_or(-1) / (percent ? 100 : 1);
    if (ratio < 0 || ratio > 1) {
      return wrong("a share of the attempts is needed, such as 5% or 0.05", m_at);
    }
    condition.value = ratio;
    return {};
  }

  const std::string_view m_text;
  std::size_t m_at = 0;
  std::size_t m_begin = 0;  ///< of the last name
};

/// `value` is none where there are no samples; the words say how it came about.
struct Figured {
  std::optional<double> value;
  std::string words;
};

std::string shown_time(double seconds) {
  return seconds < 1 ? fmt::format("{:.3f}ms", seconds * 1e3) : fmt::format("{:.3f}s", seconds);
}

double value_of(const std::vector<double>& samples, const Condition& condition) {
  if (condition.mean) {
    return std::accumulate(samples.begin(), samples.end(), 0.0) /
           static_cast<double>(samples.size());
  }
  const bool of_the_largest =
      condition.comparison == Operator::above || condition.comparison == Operator::at_least;
  return *measure::quantile(samples, condition.quantile.value_or(of_the_largest ? 1 : 0));
}

Figured figured(const Condition& condition, Figure figure, const Tally& tally) {
  const std::vector<double>& samples = tally.samples_of(figure);
  if (samples.empty()) {
    return {std::nullopt, fmt::format("it has no value: of {} attempted, {} failed and {} suspect",
                                      tally.attempts, tally.failed(), tally.suspects)};
  }
  const double value = value_of(samples, condition);
  const std::string text = k_figures[static_cast<std::size_t>(figure)].is_time
                               ? shown_time(value)
                               : fmt::format("{:.1f} tokens/s", value);
  return {value, samples.size() == 1
                     ? fmt::format("it is {}", text)
                     : fmt::format("it is {}, of {} samples", text, samples.size())};
}

Figured figured(Count count, const Tally& tally) {
  const std::uint64_t failed = tally.failed();
  if (tally.attempts == 0) {
    return {std::nullopt, "it has no value: nothing was attempted"};
  }
  const auto number = static_cast<double>(failed);
  const double ratio = number / static_cast<double>(tally.attempts);
  return {count == Count::failures ? number : ratio,
          fmt::format("{} of {} attempts failed", failed, tally.attempts)};
}

bool holds(const Condition& condition, double value) {
  switch (condition.comparison) {
    case Operator::above:
      return value > condition.value;
    case Operator::at_least:
      return value >= condition.value;
    case Operator::below:
      return value < condition.value;
    case Operator::at_most:
      return value <= condition.value;
  }
  return true;
}

}  // namespace

Result<Condition> parse_condition(std::string_view text) {
  return Parser(text).parse();
}

std::optional<std::string> judge(const Condition& condition, const Tally& tally) {
  const auto* const figure = std::get_if<Figure>(&condition.subject);
  const Figured found = figure != nullptr ? figured(condition, *figure, tally)
                                          : figured(std::get<Count>(condition.subject), tally);
  if (found.value && !holds(condition, *found.value)) {
    return std::nullopt;
  }
  return fmt::format("{}: {}", condition.text, found.words);
}

std::vector<std::string> reasons_to_fail(const std::vector<Condition>& conditions,
                                         const Tally& tally) {
  std::vector<std::string> reasons;
  const bool about_failures = std::any_of(
      conditions.begin(), conditions.end(),
      [](const Condition& condition) { return std::holds_alternative<Count>(condition.subject); });
  if (!about_failures && (tally.failed() > 0 || tally.attempts == 0)) {
    reasons.push_back(figured(Count::failures, tally).words);
  }
  for (const Condition& condition : conditions) {
    if (auto reason = judge(condition, tally)) {
      reasons.push_back(*std::move(reason));
    }
  }
  return reasons;
}

}  // namespace inferometer::cli
