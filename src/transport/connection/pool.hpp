#pragma once

#include "base/clock.hpp"
#include "transport/connection/connection.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace inferometer::transport {

/// Connections that wait for another request, by the key that says which requests may use them. One
/// that its server has closed, that anything but control messages came on, or that is too old, is
/// not given out. For the loop's thread only.
class ConnectionPool {
 public:
  /// Has the descriptor of an idle connection watched for reading, or no longer (false).
  using Watch = std::function<void(int descriptor, bool on)>;

  explicit ConnectionPool(Watch watch) : m_watch(std::move(watch)) {}

  /// Keeps a connection for `max_idle`. REQUIRES: it is reusable. Beyond a bound the one that has
  /// waited longest is closed.
  void put(std::unique_ptr<Connection> connection, base::Duration max_idle,
           base::MonotonicTime now);

  /// The connection of that key that was used last and is good, after a look at what waits on it;
  /// null if there is none. One idle for longer than `max_idle` is closed.
  [[nodiscard]] std::unique_ptr<Connection> take(const std::string& key, base::Duration max_idle,
                                                 base::MonotonicTime now, std::span<char> scratch);

  /// Something came on an idle connection: takes it, and closes what is no good any more. False if
  /// the descriptor is none of the pool's.
  bool on_ready(int descriptor, std::span<char> scratch);

  /// Closes what has been idle for too long.
  void expire(base::MonotonicTime now);

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    base::MonotonicTime since{};
    base::Duration max_idle{};
  };

  std::unique_ptr<Connection> remove(int descriptor);

  const Watch m_watch;
  std::unordered_map<int, Idle> m_idle;  // by descriptor
  std::unordered_multimap<std::string, int> m_by_key;
};

}  // namespace inferometer::transport
