#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace inferometer::protocol {

/// One event of a stream, whatever its framing; the views are valid during the call only.
struct Frame {
  std::string_view type;  ///< empty where the framing gives none
  std::string_view data;
  bool is_error = false;  ///< the framing marks it as one; `type` is the error's
};

/// Servers are known to send events of a megabyte; four times that without an end is a fault.
inline constexpr std::size_t k_max_event_bytes = 4UL * 1024 * 1024;

using FrameFunction = std::function<void(const Frame&)>;

}  // namespace inferometer::protocol
