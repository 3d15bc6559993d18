#pragma once

namespace inferometer::base {

/// Raises this process' soft limit of descriptors to the hard one: each open stream takes one, and
/// the usual soft limit of 1,024 is for programs that call select().
void raise_descriptor_limit();

/// Whether so few descriptors are left, one having just been given out, that they are to be kept
/// for what must not fail: the web server, the log, files of secrets.
[[nodiscard]] bool is_descriptor_reserved(int descriptor);

}  // namespace inferometer::base
