#include "web/status.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace inferometer::web {
namespace {

/// In one case and with blanks, so that `rate_limited` is found as "Rate limited" too.
std::string normalised(std::string_view text) {
  std::string result = base::to_lower(text);
  std::ranges::replace(result, '_', ' ');
  return result;
}

/// Everything that a filter looks at; a line each, so that no word spans two of them.
std::string searched_text(const TargetStatus& target, base::WallTime now) {
  const measure::Summary& summary = target.summary;
  std::string text = summary.target.provider;
  const auto add = [&text](std::string_view line) {
    text += '\n';
    text += line;
  };
  add(summary.target.model);
  add(summary.target.workload);
  add(word_of(state_of(target)));
  if (summary.last) {
    add(to_string(summary.last->outcome));
    add(summary.last->detail);
  }
  if (is_held(target, now)) {
    add("held");
  }
  return normalised(text);
}

bool contains_words(std::string_view text, std::string_view words) {
  return std::ranges::all_of(base::split(words, ' '), [text](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

}  // namespace

std::string_view word_of(State state) {
  switch (state) {
    case State::failing:
      return "failing";
    case State::suspect:
      return "suspect";
    case State::good:
      return "good";
  }
  return "";
}

State state_of(const TargetStatus& target) {
  const auto& last = target.summary.last;
  if (last && last->outcome != measure::Outcome::success) {
    return State::failing;
  }
  return last && last->suspect ? State::suspect : State::good;
}

bool is_held(const TargetStatus& target, base::WallTime now) {
  return target.held_until && *target.held_until > now;
}

Totals totals_of(const std::vector<TargetStatus>& targets, base::WallTime now) {
  Totals totals{.targets = targets.size()};
  for (const TargetStatus& target : targets) {
    const State state = state_of(target);
    totals.failing += state == State::failing ? 1U : 0U;
    totals.suspect += state == State::suspect ? 1U : 0U;
    totals.held += is_held(target, now) ? 1U : 0U;
  }
  return totals;
}

bool matches(const TargetStatus& target, std::string_view filter, base::WallTime now) {
  return filter.empty() || contains_words(searched_text(target, now), normalised(filter));
}

std::vector<const TargetStatus*> select_targets(const std::vector<TargetStatus>& targets,
                                                std::string_view filter, base::WallTime now) {
  std::vector<const TargetStatus*> selected;
  selected.reserve(targets.size());
  for (const TargetStatus& target : targets) {
    if (matches(target, filter, now)) {
      selected.push_back(&target);
    }
  }
  std::ranges::stable_sort(selected, {}, [](const TargetStatus* each) { return state_of(*each); });
  return selected;
}

}  // namespace inferometer::web
