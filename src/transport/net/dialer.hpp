#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "transport/net/address.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::transport::net {

/// Connects to the first of several addresses that answers (RFC 8305): families alternate, the next
/// attempt begins 250 ms after the last, or at once where that has failed; the first connection wins
/// and the others are closed. Has no loop of its own: its user watches the descriptors that it is
/// given and calls back. Not thread-safe.
class Dialer {
 public:
  /// How the dialer has its descriptors watched for becoming writable, or no longer (false). May
  /// throw std::system_error, which ends the dialling as `no_resources`.
  using Watch = std::function<void(int descriptor, bool on)>;

  enum class State {
    dialling,
    connected,
    failed,        ///< no address could be connected to
    no_resources,  ///< ours: no descriptor to be had
  };

  /// REQUIRES: `addresses` is not empty. Begins at once.
  Dialer(std::vector<Address> addresses, Watch watch, base::MonotonicTime now);
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer();

  /// A watched descriptor has become ready.
  void on_ready(int descriptor, base::MonotonicTime now);
  /// `due` has come.
  void on_due(base::MonotonicTime now);
  /// When `on_due` is to be called; none: not at all.
  [[nodiscard]] std::optional<base::MonotonicTime> due() const;

  [[nodiscard]] State state() const;
  /// The connection, no longer watched, non-blocking and with TCP_NODELAY. REQUIRES: connected.
  [[nodiscard]] base::Descriptor take_connection();
  /// The address of the connection, or of the last failure.
  [[nodiscard]] const Address& address() const;
  /// Why it failed, for people, with the address.
  [[nodiscard]] const std::string& problem() const;
};

}  // namespace inferometer::transport::net
