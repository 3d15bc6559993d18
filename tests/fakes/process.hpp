#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::fakes {

/// A program that runs beside the test and ends with it. Not thread-safe.
class Process {
 public:
  /// Starts argv[0], a path, or a name to look up in PATH and /usr/sbin. Throws std::system_error
  /// if it is not there: the programs that tests need are prerequisites, not options.
  explicit Process(std::vector<std::string> argv);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();  ///< asks it to end, and after five seconds forces it

  /// What it has written to stdout and stderr so far.
  [[nodiscard]] std::string output() const;

  [[nodiscard]] pid_t pid() const { return m_pid; }

  /// Its exit status, or minus the signal that ended it; no value while it runs.
  [[nodiscard]] std::optional<int> exit_status();
  /// The same once it has ended, or no value if it still runs after `patience`.
  [[nodiscard]] std::optional<int> wait_for_exit(std::chrono::milliseconds patience);

  /// Sends it a signal; nothing if it has ended.
  void send(int signal);
  /// Asks it to end (SIGTERM).
  void terminate();

  /// Waits with a generous deadline until something listens on that loopback port. Throws
  /// std::runtime_error with the output if the program ends first, or the time is over.
  void wait_until_listening(std::uint16_t port);

 private:
  int m_output;
  pid_t m_pid = -1;
  std::optional<int> m_exit_status;
};

/// A loopback port that no other process is given while this exists; a server that sets
/// SO_REUSEADDR, as nearly all do, can listen on it nevertheless.
class ReservedPort {
 public:
  ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  ~ReservedPort();

  [[nodiscard]] std::uint16_t number() const { return m_number; }

 private:
  int m_socket;
  std::uint16_t m_number = 0;
};

}  // namespace inferometer::fakes
