#pragma once

#include "selftest/stamp_server.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace inferometer::precision {

/// How the client reaches the server.
enum class Mode { clear_text, tls, http2, reused };

/// What else is going on.
enum class Load {
  at_rest,
  saturated,               ///< twice the events, on the client's one core
  starved,                 ///< three busy processes on the client's core
  starved_without_stamps,  ///< the same, with the kernel's stamps switched off
  frozen,                  ///< the client is stopped for 12 ms to 2 s at random moments
};

[[nodiscard]] std::string_view to_string(Mode mode);
[[nodiscard]] std::string_view to_string(Load load);

struct Case {
  Mode mode = Mode::clear_text;
  Load load = Load::at_rest;
};

/// What a case means for client and server.
struct Plan {
  selftest::Wire wire = selftest::Wire::clear_text;
  selftest::Pace pace;
  std::uint32_t streams = 1000;  ///< at once
  bool reuse = false;            ///< a first round that is not counted leaves connections behind
  bool kernel_stamps = true;
  int busy_processes = 0;
  base::Duration keep_opening{};  ///< for so long, ended streams are replaced by new ones
};

/// `streams` and `length`, if not 0, replace the load's own number and the time for which each
/// stream sends.
[[nodiscard]] Plan make_plan(const Case& which, std::uint32_t streams, base::Duration length);

}  // namespace inferometer::precision
