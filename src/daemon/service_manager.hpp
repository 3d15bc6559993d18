#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/listen.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::daemon {

/// The service manager that started this process, such as systemd: it is told how the daemon fares,
/// and may hand it sockets that listen already. Sources: sd_notify(3), sd_listen_fds(3) and
/// sd_watchdog_enabled(3). Thread-safe but for take_listeners().
class ServiceManager {
 public:
  /// None: nothing is told to anybody.
  ServiceManager() = default;

  /// As the environment says. REQUIRES: no other thread has been started, since it is changed: what
  /// was meant for this process must not reach those that it starts.
  [[nodiscard]] static ServiceManager from_environment();

  /// The daemon serves; also when a reload has ended, whatever came of it.
  void ready() const { notify("READY=1"); }
  /// A reload has begun; ready() ends it.
  void reloading() const;
  void stopping() const { notify("STOPPING=1"); }
  /// The daemon works. To be said at least once in each watchdog_interval().
  void alive() const { notify("WATCHDOG=1"); }

  /// Half of the time after which the manager takes a silent daemon for hung; no value: never.
  [[nodiscard]] std::optional<base::Duration> watchdog_interval() const {
    return m_watchdog_interval;
  }

  /// The sockets that were handed over, once; empty if there are none. An error names what is not a
  /// listening TCP socket, or what the environment says that cannot be.
  [[nodiscard]] base::Result<std::vector<base::Listener>> take_listeners();

 private:
  /// A message that cannot be sent is lost: the manager's own time limits then tell.
  void notify(std::string_view message) const;

  std::string m_socket;  ///< its path, or @ and an abstract name; empty: none
  std::optional<base::Duration> m_watchdog_interval;
  std::optional<std::string> m_sockets;  ///< how many were handed over, as it was said
};

}  // namespace inferometer::daemon
