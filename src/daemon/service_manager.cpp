#include "daemon/service_manager.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace inferometer::daemon {
namespace {

constexpr int k_first_socket = 3;  // SD_LISTEN_FDS_START
constexpr int k_most_sockets = 64;

/// The variable, which is then removed; empty if there is none.
std::string take_variable(const char* name) {
  const char* const found = std::getenv(name);
  std::string value = found == nullptr ? "" : found;
  unsetenv(name);
  return value;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number > 0 ? std::optional(number) : std::nullopt;
}

/// Whether what the variable says, a process' number, is meant for this process.
bool names_this_process(const std::string& process) {
  return parse_number(process) == std::int64_t(getpid());
}

/// Half of the limit, as sd_watchdog_enabled(3) advises.
std::optional<base::Duration> take_watchdog_interval() {
  const std::string limit = take_variable("WATCHDOG_USEC");
  const std::string process = take_variable("WATCHDOG_PID");
  const std::optional<std::int64_t> microseconds = parse_number(limit);
  if (!microseconds || (!process.empty() && !names_this_process(process))) {
    return std::nullopt;
  }
  return std::chrono::microseconds(*microseconds) / 2;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  ServiceManager manager;
  manager.m_socket = take_variable("NOTIFY_SOCKET");
  manager.m_watchdog_interval = take_watchdog_interval();
  const std::string process = take_variable("LISTEN_PID");
  std::string sockets = take_variable("LISTEN_FDS");
  take_variable("LISTEN_FDNAMES");
  if (!sockets.empty() && names_this_process(process)) {
    manager.m_sockets = std::move(sockets);
  }
  return manager;
}

void ServiceManager::reloading() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      base::system_clock().now().time_since_epoch());
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()));
}

void ServiceManager::notify(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // Other forms, such as vsock:, are for virtual machines' own managers.
  const bool usable = (m_socket.starts_with('/') || m_socket.starts_with('@')) &&
                      m_socket.size() < sizeof(address.sun_path);
  if (!usable) {
    return;
  }
  std::copy(m_socket.begin(), m_socket.end(), std::begin(address.sun_path));
  if (m_socket.front() == '@') {
    address.sun_path[0] = '\0';
  }
  const base::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + m_socket.size());
  static_cast<void>(::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

base::Result<std::vector<base::Listener>> ServiceManager::take_listeners() {
  std::vector<base::Listener> listeners;
  const std::optional<std::string> said = std::exchange(m_sockets, std::nullopt);
  if (!said) {
    return listeners;
  }
  const std::optional<std::int64_t> count = parse_number(*said);
  if (!count || *count > k_most_sockets) {
    return base::fail(
        fmt::format("LISTEN_FDS={} is no number of sockets from 1 to {}", *said, k_most_sockets));
  }
  for (int number = k_first_socket; number < k_first_socket + static_cast<int>(*count); ++number) {
    base::Result<base::Listener> listener = base::adopt_listener(base::Descriptor(number));
    if (!listener) {
      return base::fail(fmt::format("the service manager handed over socket {}: {}", number,
                                    listener.error().message));
    }
    listeners.push_back(std::move(*listener));
  }
  return listeners;
}

}  // namespace inferometer::daemon
