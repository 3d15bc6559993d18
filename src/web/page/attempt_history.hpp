#pragma once

#include "web/status.hpp"

#include <string>

namespace inferometer::web {

/// The last attempts at a target, the newest on the right: a line of their main figure, from 0 to
/// the highest, and below each point a tick that tells by height and colour how it went and leads
/// to its timeline, as long as that is kept. With `titles` each tick says in words what it stands
/// for; without, only those of failures and suspects do that lead somewhere.
[[nodiscard]] std::string render_attempt_history(const TargetStatus& target, bool titles);

}  // namespace inferometer::web
