#include "measure/marks.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

namespace inferometer::measure {

std::vector<Mark> reached_marks(const Timeline& timeline) {
  const std::array marks{
      Mark{"started", timeline.started},
      Mark{"name_resolved", timeline.name_resolved},
      Mark{"connected", timeline.connected},
      Mark{"tls_done", timeline.tls_done},
      Mark{"request_begin", timeline.request_begin},
      Mark{"request_sent", timeline.request_sent},
      Mark{"acknowledged", timeline.acknowledged},
      Mark{"headers", timeline.headers},
      Mark{"first_byte", timeline.first_byte},
      Mark{"first_event", timeline.first_event},
      Mark{"first_reasoning", timeline.first_reasoning},
      Mark{"first_content", timeline.first_content},
      Mark{"last_content", timeline.last_content},
      Mark{"finished", timeline.finished},
      Mark{"ended", timeline.ended},
  };
  std::vector<Mark> reached;
  std::copy_if(marks.begin(), marks.end(), std::back_inserter(reached),
               [](const Mark& mark) { return mark.when.has_value(); });
  std::stable_sort(reached.begin(), reached.end(),
                   [](const Mark& a, const Mark& b) { return *a.when < *b.when; });
  return reached;
}

std::string wall_clock(base::WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole);
  std::string text = wall_clock(whole);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, rest.count());
}

std::string wall_clock(std::chrono::sys_seconds time) {
  // Not through system_clock's own time points, whose nanoseconds end in 2262.
  const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

}  // namespace inferometer::measure
