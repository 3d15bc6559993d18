#pragma once

#include "base/descriptor.hpp"
#include "base/error.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace inferometer::selftest {

/// A server's side of TLS 1.3 with a key and a certificate made for this object alone: EC P-256,
/// self-signed, for 127.0.0.1, good for a day. Immutable; thread-safe.
class ServerTls {
 public:
  /// `http2`: h2 is chosen where the client offers it (ALPN); else HTTP/1.1. The error says what
  /// the system refused.
  [[nodiscard]] static base::Result<std::shared_ptr<const ServerTls>> make(bool http2);

  /// The path of the certificate as a PEM file, for the client to trust. It is in memory, so no
  /// folder needs to be writable, and is gone with this object; processes of the same user can read
  /// it.
  [[nodiscard]] std::string ca_file() const;

  [[nodiscard]] SSL_CTX* context() const { return m_context.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  ServerTls(SSL_CTX* context, base::Descriptor certificate)
      : m_context(context), m_certificate(std::move(certificate)) {}

  std::unique_ptr<SSL_CTX, Free> m_context;
  base::Descriptor m_certificate;
};

/// One connection's TLS in memory: bytes in, bytes out. Not thread-safe.
class ServerTlsSession {
 public:
  explicit ServerTlsSession(std::shared_ptr<const ServerTls> tls);

  /// Takes what the client sent, appends what it decrypts to to `plain`, and what is to be written
  /// to `output`. False if the connection is over.
  bool receive(std::string_view bytes, std::string& plain, std::string& output);

  /// Encrypts as one record of its own, as far as it is not longer than a record may be.
  void send(std::string_view plain, std::string& output);

  /// Whether the handshake chose HTTP/2.
  [[nodiscard]] bool chose_http2() const;

 private:
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };

  void take_output(std::string& output);

  const std::shared_ptr<const ServerTls> m_tls;
  std::unique_ptr<SSL, Free> m_session;
};

}  // namespace inferometer::selftest
