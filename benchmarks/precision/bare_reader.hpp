#pragma once

#include "precision/stamps.hpp"

#include <cstdint>

namespace inferometer::precision {

/// The least that any client must do: epoll, recv, a clock reading, a search for the stamps. It
/// parses nothing. One thread.
[[nodiscard]] Result run_bare_reader(const Load& load, std::uint16_t port);

}  // namespace inferometer::precision
