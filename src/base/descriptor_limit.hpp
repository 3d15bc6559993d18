#pragma once

namespace inferometer::base {

/// Raises this process' soft limit of descriptors to the hard one: each open stream takes one, and
/// the usual soft limit of 1,024 is for programs that call select().
void raise_descriptor_limit();

}  // namespace inferometer::base
