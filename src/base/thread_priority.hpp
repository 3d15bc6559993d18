#pragma once

namespace inferometer::base {

/// From now on the calling thread gives way to the process' others where they compete for a core,
/// for as long as it lives (Linux: nice values belong to threads).
void lower_thread_priority();

}  // namespace inferometer::base
