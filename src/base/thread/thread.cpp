#include "base/thread/thread.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace inferometer::base {

void lower_thread_priority() {
  // A third of the usual share: enough for a scrape on a host that others keep busy.
  constexpr int k_nicer_by = 5;
  const auto thread = static_cast<id_t>(gettid());
  // Where the system refuses, which it has no reason to, the thread competes as before.
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + k_nicer_by);
}

}  // namespace inferometer::base
