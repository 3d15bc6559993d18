#pragma once

namespace inferometer::base {

/// Lowers the priority of the calling thread below that of the process' others, until the thread
/// ends (Linux: nice values are those of threads).
void lower_thread_priority();

}  // namespace inferometer::base
