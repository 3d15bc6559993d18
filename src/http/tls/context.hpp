#pragma once

#include "base/openssl.hpp"
#include "config/web/web_file.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct x509_store_ctx_st;

namespace inferometer::http::tls {

/// The server's certificate, key and policy, loaded once. Immutable; thread-safe.
class Context {
 public:
  explicit Context(const config::TlsServer& settings);

  /// For SSL_new, which takes a reference and changes nothing else. Null: there was no memory.
  [[nodiscard]] ssl_ctx_st* handle() const { return m_handle.get(); }

  /// When the first of the certificates that the server shows ends; none if they name no time.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> expiry() const { return m_expiry; }
  void set_expiry(std::optional<std::chrono::sys_seconds> expiry) { m_expiry = expiry; }

  /// Whether a client's certificate is good: by its issuer where the policy asks for that, and by
  /// its alternative names. OpenSSL's verification callback.
  [[nodiscard]] bool accepts(x509_store_ctx_st* verification) const;

 private:
  const config::ClientAuth m_client_auth;
  const std::vector<std::string> m_allowed_sans;
  base::openssl::Owned<ssl_ctx_st> m_handle;
  std::optional<std::chrono::sys_seconds> m_expiry;
};

/// Reads the files that `settings` name, each for no longer than config::k_read_limit: not for an
/// event loop. The problem stands at the key that names what is wrong. Thread-safe.
[[nodiscard]] tl::expected<std::shared_ptr<const Context>, config::Problem> load_context(
    const config::TlsServer& settings);

}  // namespace inferometer::http::tls
