#pragma once

#include "transport/integration/certificates.hpp"
#include "transport/tls/tls_session.hpp"

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::transport::tls {

/// The server's side of one TLS connection in memory, by OpenSSL alone. Throws std::runtime_error
/// if OpenSSL refuses what the test asks of it.
class MemoryServer {
 public:
  struct Options {
    int lowest_version = TLS1_2_VERSION;
    int highest_version = TLS1_3_VERSION;
    std::string protocol;          ///< chosen by ALPN if it was offered; empty: none
    bool forces_protocol = false;  ///< chosen also if it was not offered
    std::string client_authority;  ///< asks for a certificate of this authority
    std::size_t tickets = 2;       ///< sent after a handshake of TLS 1.3
  };

  MemoryServer(const CertificateFiles& files, Options options);
  explicit MemoryServer(const CertificateFiles& files) : MemoryServer(files, Options{}) {}

  /// Takes bytes of the client and goes on with the handshake, or decrypts into `received`.
  void receive(std::string_view bytes);
  void send(std::string_view plain);
  void request_key_update();
  void send_ticket();
  void send_hello_request();  ///< TLS 1.2: asks for a renegotiation
  void close();               ///< says close_notify

  /// What is to be written to the client, since the last call.
  [[nodiscard]] std::string output();

  [[nodiscard]] bool open() const { return SSL_is_init_finished(m_ssl.get()) == 1; }
  [[nodiscard]] const std::string& received() const { return m_received; }
  [[nodiscard]] bool closed() const { return m_closed; }
  /// The name that the client has sent; empty: none.
  [[nodiscard]] std::string asked_name() const;
  [[nodiscard]] bool resumed() const { return SSL_session_reused(m_ssl.get()) == 1; }
  [[nodiscard]] std::string version() const { return SSL_get_version(m_ssl.get()); }
  /// The subject of the client's certificate; empty: it has sent none.
  [[nodiscard]] std::string client_name() const;

 private:
  static int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* size,
                             const unsigned char* offered, unsigned offered_size, void* server);
  void continue_handshake();

  Options m_options;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> m_context;
  std::unique_ptr<SSL, decltype(&SSL_free)> m_ssl;
  std::string m_received;
  bool m_closed = false;
};

/// Carries bytes to and fro until both are silent; returns what came out of the session.
std::string exchange(Session& session, MemoryServer& server);

/// Gives the session the server's output and returns what comes out of it.
std::string deliver(Session& session, std::string_view bytes);

/// What the session is to write.
std::string output_of(Session& session);

}  // namespace inferometer::transport::tls
