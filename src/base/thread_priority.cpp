#include "base/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace inferometer::base {

void lower_thread_priority() {
  // A third of the usual share: enough for a scrape on a host that others keep busy.
  constexpr int k_nicer_by = 5;
  const auto thread = static_cast<id_t>(gettid());
  // Without effect if the system refuses, which costs no more than the others' cores.
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + k_nicer_by);
}

}  // namespace inferometer::base
