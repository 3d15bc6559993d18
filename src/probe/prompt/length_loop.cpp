#include "probe/prompt/length_loop.hpp"

#include "probe/prompt/context_fit.hpp"

#include <algorithm>
#include <cmath>

namespace inferometer::probe::prompt {
namespace {

constexpr double k_least_ratio = 1;
constexpr double k_most_ratio = 16;
constexpr double k_absurd = 8;
constexpr int k_most_reports = 8;
constexpr double k_shortening = 0.8;
constexpr double k_nudge = 0.99;
constexpr double k_least_guess = 1.5;
constexpr int k_credible_refusals = 3;
constexpr int k_misfits = 20;

/// A length that was cut at a character's boundary is up to 3 bytes shorter than was asked for.
constexpr double k_same_length = 4;

/// The prompt's length if a token has so many bytes; 0 with a prompt file.
std::size_t guess(const LengthLoop::Goal& goal, double characters_per_token) {
  const auto system = static_cast<double>(goal.system_size);
  const double characters = goal.tokens * characters_per_token - system;
  return goal.tokens == 0 ? 0 : static_cast<std::size_t>(std::max(characters, 1.0));
}

}  // namespace

LengthLoop::LengthLoop(const Goal& goal)
    : m_goal(goal),
      m_characters(guess(goal, k_characters_per_token)),
      m_characters_per_token(k_characters_per_token) {}

void LengthLoop::learn(std::size_t characters, std::uint64_t tokens) {
  const Report report{static_cast<double>(characters), static_cast<double>(tokens)};
  if (!is_plausible(report)) {
    return;
  }
  m_counted = true;
  m_refusals = 0;
  m_misfits = 0;
  m_characters_per_token =
      std::clamp((report.characters + static_cast<double>(m_goal.system_size)) / report.tokens,
                 k_least_ratio, k_most_ratio);
  if (m_goal.tokens == 0 || (m_settled && confirms(report))) {
    return;
  }
  if (m_settled) {
    m_settled.reset();
    m_last.reset();
    m_best.reset();
    m_reports = 0;
  }
  if (error_of(report) <= tolerance()) {
    settle(report);
  } else {
    seek(report);
  }
}

void LengthLoop::refuse(std::size_t characters) {
  const double difference = static_cast<double>(characters) - static_cast<double>(m_characters);
  if (m_goal.is_fixed() || (m_goal.tokens > 0 && std::abs(difference) >= k_same_length)) {
    return;
  }
  if (m_counted && !m_settled) {
    if (m_refusals++ < k_credible_refusals) {
      scale(k_nudge, 1, k_least_ratio);
    }
    return;
  }
  if (m_counted) {
    if (++m_refusals < k_credible_refusals) {
      return;
    }
    forget_reports();
  }
  if (m_misfits > 0) {
    --m_misfits;
    return;
  }
  shorten();
}

void LengthLoop::forget_reports() {
  m_settled.reset();
  m_last.reset();
  m_best.reset();
  m_ratio.reset();
  m_reports = 0;
  m_refusals = 0;
  m_counted = false;
}

/// Where nothing shorter can be tried: to the first guess, and stays there for a while.
void LengthLoop::shorten() {
  const std::size_t least = guess(m_goal, k_least_guess);
  const bool at_least =
      m_goal.tokens > 0 ? m_characters <= least : m_characters_per_token <= k_least_guess;
  if (at_least) {
    m_characters = guess(m_goal, k_characters_per_token);
    m_characters_per_token = k_characters_per_token;
    m_misfits = k_misfits;
    return;
  }
  scale(k_shortening, least, k_least_guess);
}

void LengthLoop::scale(double factor, std::size_t least, double least_ratio) {
  if (m_goal.tokens > 0) {
    const double scaled = factor * static_cast<double>(m_characters);
    m_characters = std::max(static_cast<std::size_t>(std::llround(scaled)), least);
  }
  m_characters_per_token = std::max(factor * m_characters_per_token, least_ratio);
}

bool LengthLoop::is_plausible(const Report& report) const {
  const double expected =
      (report.characters + static_cast<double>(m_goal.system_size)) / k_characters_per_token;
  // The overhead may be much more than a short prompt, but no report is less than its text.
  return report.tokens > 0 && report.tokens * k_absurd >= expected &&
         report.tokens <= k_absurd * std::max(expected, static_cast<double>(m_goal.tokens));
}

double LengthLoop::error_of(const Report& report) const {
  return std::abs(report.tokens - m_goal.tokens);
}

double LengthLoop::tolerance() const {
  return std::max(0.01 * m_goal.tokens, m_goal.varies ? 2.0 : 0.0);
}

bool LengthLoop::confirms(const Report& report) const {
  const auto settled_characters = static_cast<double>(m_characters);
  // Reports on other lengths come from attempts that were still open when it settled.
  return std::abs(report.characters - settled_characters) >= k_same_length ||
         std::abs(report.tokens - *m_settled) <= 2 * tolerance();
}

void LengthLoop::settle(const Report& report) {
  m_characters = static_cast<std::size_t>(report.characters);
  // Where the goal is out of reach, what can be reached is what reports are held against.
  m_settled = error_of(report) <= tolerance() ? m_goal.tokens : report.tokens;
}

void LengthLoop::seek(const Report& report) {
  if (!m_best || error_of(report) < error_of(*m_best)) {
    m_best = report;
  }
  if (++m_reports == k_most_reports) {
    settle(*m_best);
    return;
  }
  fit_ratio(report);
  m_last = report;
  const double next = report.characters + (m_goal.tokens - report.tokens) * *m_ratio;
  m_characters =
      static_cast<std::size_t>(std::llround(std::clamp(next, 1.0, k_most_ratio * m_goal.tokens)));
}

void LengthLoop::fit_ratio(const Report& report) {
  if (!m_ratio) {
    // At first all is put down to the ratio, except for the system prompt, whose size is known.
    // Where there is more overhead it comes out too small, so the step is too short rather than too
    // long.
    const double overhead = static_cast<double>(m_goal.system_size) / k_characters_per_token;
    m_ratio = std::clamp(report.characters / std::max(report.tokens - overhead, 1.0), k_least_ratio,
                         k_most_ratio);
    return;
  }
  const double least_difference = m_goal.varies ? 16 : 4;
  if (m_last && std::abs(report.tokens - m_last->tokens) >= least_difference) {
    const double secant =
        (report.characters - m_last->characters) / (report.tokens - m_last->tokens);
    // A falling line is no tokenizer's: one of the two reports is wrong, the next will show which.
    m_ratio = secant > 0 ? std::clamp(secant, k_least_ratio, k_most_ratio) : *m_ratio;
  }
}

}  // namespace inferometer::probe::prompt
