#pragma once

#include "base/openssl.hpp"
#include "http/test_client.hpp"
#include "transport/integration/certificates.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::http::test {

/// A client by TLS, by OpenSSL alone; it trusts every server.
class TlsClient {
 public:
  struct Options {
    int highest_version = TLS1_3_VERSION;
    std::string ciphers;  ///< of TLS 1.2; empty: OpenSSL's own
    transport::CertificateFiles own;
  };

  explicit TlsClient(std::uint16_t port) : TlsClient(port, Options()) {}
  TlsClient(std::uint16_t port, const Options& options, int receive_buffer = 0)
      : m_client(port, receive_buffer), m_context(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(m_context.get(), 0);
    SSL_CTX_set_max_proto_version(m_context.get(), options.highest_version);
    SSL_CTX_set_min_proto_version(m_context.get(), TLS1_VERSION);
    if (!options.ciphers.empty()) {
      REQUIRE(SSL_CTX_set_cipher_list(m_context.get(), options.ciphers.c_str()) == 1);
    }
    if (!options.own.certificate.empty()) {
      REQUIRE(SSL_CTX_use_certificate_chain_file(m_context.get(),
                                                 options.own.certificate.c_str()) == 1);
      REQUIRE(SSL_CTX_use_PrivateKey_file(m_context.get(), options.own.key.c_str(),
                                          SSL_FILETYPE_PEM) == 1);
    }
    m_ssl.reset(SSL_new(m_context.get()));
    SSL_set_fd(m_ssl.get(), m_client.fd());
    const timeval patience{.tv_sec = k_patience.count(), .tv_usec = 0};
    ::setsockopt(m_client.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  [[nodiscard]] SSL* ssl() { return m_ssl.get(); }
  [[nodiscard]] int fd() const { return m_client.fd(); }

  [[nodiscard]] bool shake_hands() {
    ERR_clear_error();
    return SSL_connect(m_ssl.get()) == 1;
  }

  bool send(std::string_view bytes) {
    ERR_clear_error();
    return SSL_write(m_ssl.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }

  /// Reads until the server ends the connection, in order or not.
  std::string read_all() {
    std::string text;
    std::array<char, 65536> buffer{};
    for (int count = 1; count > 0;) {
      count = SSL_read(m_ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
      text.append(buffer.data(), static_cast<std::size_t>(std::max(count, 0)));
    }
    return text;
  }

  /// Whether the server has ended the connection as TLS has it, by close_notify.
  [[nodiscard]] bool ended_in_order() const {
    return (SSL_get_shutdown(m_ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  Client m_client;
  base::openssl::Owned<SSL_CTX> m_context;
  base::openssl::Owned<SSL> m_ssl;
};

/// One request on a connection of its own; status 0: there was no answer.
inline Answer ask_by_tls(std::uint16_t port, const std::string& head,
                         const TlsClient::Options& options = TlsClient::Options()) {
  TlsClient client(port, options);
  if (!client.shake_hands()) {
    return {};
  }
  client.send(head + "\r\nHost: x\r\nConnection: close\r\n\r\n");
  return parse_answer(client.read_all());
}

}  // namespace inferometer::http::test
