#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "transport/net/address.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::transport::net {

/// Connects to the first of several addresses that answers (RFC 8305): families alternate, the next
/// attempt begins 250 ms after the last, or at once where that has failed; the first connection
/// wins and the others are closed. Has no loop of its own: its user watches the descriptors that it
/// is given and calls back. Not thread-safe.
class Dialer {
 public:
  static constexpr base::Duration k_attempt_delay = std::chrono::milliseconds(250);
  static constexpr std::size_t k_max_addresses = 16;  ///< those after them are not tried
  static constexpr std::size_t k_max_open = 4;  ///< with so many the next waits for one to fail

  /// How the dialer has its descriptors watched for becoming writable, or no longer (false, and
  /// before it closes one). Must not call the dialer. May throw std::system_error where it is to
  /// watch, which ends the dialling as `no_resources`.
  using Watch = std::function<void(int descriptor, bool on)>;

  enum class State {
    dialling,
    connected,
    failed,        ///< no address could be connected to
    no_resources,  ///< ours: no descriptor or memory to be had for an attempt
  };

  /// REQUIRES: `addresses` is not empty. Begins at once.
  Dialer(std::vector<Address> addresses, Watch watch, base::MonotonicTime now);
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer();

  /// A watched descriptor has become ready. One that is not watched any more, or not ready after
  /// all, changes nothing: a descriptor's number may have got a new meaning since it was reported.
  void on_ready(int descriptor, base::MonotonicTime now);
  /// `due` has come; nothing if it has not.
  void on_due(base::MonotonicTime now);
  /// When `on_due` is to be called; none: not at all.
  [[nodiscard]] std::optional<base::MonotonicTime> due() const { return m_due; }

  [[nodiscard]] State state() const { return m_state; }
  /// The connection, no longer watched, non-blocking and with TCP_NODELAY. REQUIRES: connected, and
  /// not taken before.
  [[nodiscard]] base::Descriptor take_connection() { return std::move(m_connection); }
  /// The address of the connection, or of the last failure.
  [[nodiscard]] const Address& address() const { return m_address; }
  /// Why the last attempt failed, for people, with its address. Empty if none has.
  [[nodiscard]] const std::string& problem() const { return m_problem; }

 private:
  struct Attempt {
    Address address;
    base::Descriptor socket;
  };

  void begin_next(base::MonotonicTime now);
  void begin(const Address& address);
  /// What has become of an attempt that is not open, or not any more.
  void conclude(Attempt attempt, int error);
  void end(State state);
  void close_open();

  const std::vector<Address> m_addresses;  ///< in the order of the attempts
  const Watch m_watch;
  std::size_t m_begun = 0;  ///< so many of them have been tried
  std::vector<Attempt> m_open;
  std::optional<base::MonotonicTime> m_due;
  State m_state = State::dialling;
  base::Descriptor m_connection;
  Address m_address;
  std::string m_problem;
};

}  // namespace inferometer::transport::net
