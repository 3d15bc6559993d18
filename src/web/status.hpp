#pragma once

#include "base/clock.hpp"
#include "measure/summaries.hpp"

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::web {

/// What a self-hosted server said of itself at its last scrape.
struct ServerQueue {
  bool up = false;  ///< false: its metrics could not be read
  std::optional<double> running;
  std::optional<double> waiting;
};

/// All that is known of one target now. What has no value is not shown.
struct TargetStatus {
  measure::Summary summary;
  std::bitset<measure::k_history> kept;  ///< which of `summary.history` have a page of their own
  std::optional<base::Duration> interval;
  std::optional<base::WallTime> next_run;
  std::optional<base::WallTime> held_until;  ///< nothing is asked of the model until then
  std::optional<ServerQueue> server;
};

/// A configuration that was refused; the one before stays in force.
struct FailedReload {
  base::WallTime at{};
  std::string error;  ///< what is wrong with it, a line each
};

struct Status {
  std::string version;
  base::WallTime started{};
  base::WallTime configured{};                ///< since when the configuration is in force
  std::optional<FailedReload> failed_reload;  ///< the last reload, if it failed
  bool draining = false;
  std::vector<TargetStatus> targets;
};

/// How a target's last attempt went; also the order in which targets are shown.
enum class State {
  failing,
  suspect,  ///< a success that this host measured too badly
  good,     ///< or no result yet
};

[[nodiscard]] State state_of(const TargetStatus& target);

/// The state as the API writes it, and as a filter finds it: the enumerator's own name.
[[nodiscard]] std::string_view word_of(State state);

/// Whether the target is held at `now`.
[[nodiscard]] bool is_held(const TargetStatus& target, base::WallTime now);

/// How many are in each state, of all targets.
struct Totals {
  std::size_t targets = 0;
  std::size_t failing = 0;
  std::size_t suspect = 0;
  std::size_t held = 0;
};
[[nodiscard]] Totals totals_of(const std::vector<TargetStatus>& targets, base::WallTime now);

/// Whether each word of `filter` is in one of the target's names, its outcome or detail, or is its
/// state: failing, suspect, held or good. Case does not matter, nor whether a word has `_` or a
/// blank.
[[nodiscard]] bool matches(const TargetStatus& target, std::string_view filter, base::WallTime now);

/// Those that match, failing ones first, then suspect ones, then the rest, each by name. They point
/// into `targets`, which is sorted by name.
[[nodiscard]] std::vector<const TargetStatus*> select_targets(
    const std::vector<TargetStatus>& targets, std::string_view filter, base::WallTime now);

}  // namespace inferometer::web
