#pragma once

#include "base/error.hpp"
#include "selftest/server_connection.hpp"
#include "selftest/server_tls.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::selftest {

/// What the answers travel on.
enum class Wire {
  clear_text,  ///< HTTP/1.1
  tls,         ///< HTTP/1.1 on TLS 1.3
  http2,       ///< HTTP/2 on TLS 1.3
};

[[nodiscard]] std::string_view to_string(Wire wire);

/// A server of stamped events on 127.0.0.1: one thread, any number of connections, each of which
/// may be used again.
class StampServer {
 public:
  /// Starts to serve; the thread runs where the caller may run (CPU affinity). The error says what
  /// the system refused.
  [[nodiscard]] static base::Result<std::unique_ptr<StampServer>> start(Wire wire,
                                                                        const Pace& pace);
  StampServer(const StampServer&) = delete;
  StampServer& operator=(const StampServer&) = delete;
  ~StampServer();  ///< closes all connections

  [[nodiscard]] std::uint16_t port() const;
  /// What to ask for.
  [[nodiscard]] std::string url() const;
  /// The certificate to trust, see ServerTls; empty in clear text.
  [[nodiscard]] std::string ca_file() const;

 private:
  struct Impl;
  explicit StampServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::selftest
