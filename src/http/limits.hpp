#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstddef>

namespace inferometer::http {

/// What clients may cost the daemon, all of them together and each one.
struct Limits {
  std::size_t connections = 512;  ///< one more closes the one with the most lag
  /// Of these, whose clients wait for a reply or read it; one more request gets a 503, unless it is
  /// urgent: the other connections can always be closed for a new client, such as one that asks for
  /// health.
  std::size_t busy_connections = 480;
  std::size_t threads = 4;                ///< make replies, each in memory of its own
  std::size_t waiting_threads = 41;       ///< make those that may have to wait
  std::size_t head_bytes = 16U << 10U;    ///< request line and headers; beyond: 431
  std::size_t unsent_bytes = 32U << 20U;  ///< replies in memory; beyond, none is begun

  base::Duration head =
      std::chrono::seconds(10);  ///< from connection or first byte to the head's end
  base::Duration idle = std::chrono::seconds(75);   ///< between requests of one connection
  base::Duration reply = std::chrono::seconds(30);  ///< until the client has taken the whole reply
  base::Duration grace =
      std::chrono::milliseconds(30);  ///< for a client to show its pace before it is cut off for it
  base::Duration linger =
      std::chrono::seconds(2);  ///< for a client to stop sending what is not read
  base::Duration shutdown =
      std::chrono::seconds(5);  ///< for replies under way when the server stops
};

}  // namespace inferometer::http
