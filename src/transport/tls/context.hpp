#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "transport/tls/openssl.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace inferometer::transport::tls {

/// What the server's chain of certificates tells, whether it is trusted or not. Each SSL of a
/// Context carries a pointer to one as its app data.
struct PeerChain {
  /// The earliest of the chain. Not in nanoseconds: certificates that are to last for ever end in
  /// the year 9999, and those would overflow in 2262.
  std::optional<std::chrono::sys_seconds> expiry;
};

/// Trust, client certificate and policy for one `config::Tls`, loaded once. Immutable; thread-safe.
class Context {
 public:
  Context(Owned<ssl_ctx_st> handle, config::Tls tls)
      : m_handle(std::move(handle)), m_tls(std::move(tls)) {}

  /// For SSL_new, which takes a reference and changes nothing else.
  [[nodiscard]] ssl_ctx_st* handle() const { return m_handle.get(); }
  /// What it was made from; `server_name` has no part in it.
  [[nodiscard]] const config::Tls& tls() const { return m_tls; }

 private:
  Owned<ssl_ctx_st> m_handle;
  config::Tls m_tls;
};

/// Reads the authorities and the client's certificate from their files (about 25 ms where the
/// system's authorities have not been read yet): not for an event loop. An error names the file and
/// what to do about it; an encrypted key is one, as no passphrase is asked for. With
/// `insecure_skip_verify` no authorities are read. Thread-safe.
[[nodiscard]] base::Result<std::shared_ptr<const Context>> load_context(const config::Tls& tls);

}  // namespace inferometer::transport::tls
