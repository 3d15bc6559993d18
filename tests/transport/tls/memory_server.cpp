#include "transport/tls/memory_server.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

namespace inferometer::transport::tls {
namespace {

void check(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(std::string("memory server: ") + what);
  }
}

}  // namespace

MemoryServer::MemoryServer(const CertificateFiles& files, Options options)
    : m_options(std::move(options)),
      m_context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      m_ssl(nullptr, SSL_free) {
  SSL_CTX* const context = m_context.get();
  check(context != nullptr &&
            SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1 &&  // for TLS 1.1
            SSL_CTX_set_min_proto_version(context, m_options.lowest_version) == 1 &&
            SSL_CTX_set_max_proto_version(context, m_options.highest_version) == 1 &&
            SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
            SSL_CTX_set_num_tickets(context, m_options.tickets) == 1,
        "no context");
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, this);
  if (!m_options.client_authority.empty()) {
    check(SSL_CTX_load_verify_file(context, m_options.client_authority.c_str()) == 1, "no CA");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const std::string_view id = "test";
    check(SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(id.data()),
                                         static_cast<unsigned>(id.size())) == 1,
          "no id");
  }
  m_ssl.reset(SSL_new(context));
  check(m_ssl != nullptr, "no session");
  SSL_set_bio(m_ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(m_ssl.get());
}

int MemoryServer::choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                                  const unsigned char* offered, unsigned offered_size,
                                  void* server) {
  const Options& options = static_cast<MemoryServer*>(server)->m_options;
  const std::string_view list(reinterpret_cast<const char*>(offered), offered_size);
  const bool is_offered = list.find(static_cast<char>(options.protocol.size()) +
                                    options.protocol) != std::string_view::npos;
  if (options.protocol.empty() || (!is_offered && !options.forces_protocol)) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = reinterpret_cast<const unsigned char*>(options.protocol.data());
  *size = static_cast<unsigned char>(options.protocol.size());
  return SSL_TLSEXT_ERR_OK;
}

void MemoryServer::receive(std::string_view bytes) {
  check(BIO_write(SSL_get_rbio(m_ssl.get()), bytes.data(), static_cast<int>(bytes.size())) ==
            static_cast<int>(bytes.size()),
        "no input");
  continue_handshake();
  std::array<char, 4096> buffer{};
  std::size_t size = 0;
  int result = 0;
  while (open() && (result = SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &size)) == 1) {
    m_received.append(buffer.data(), size);
  }
  m_closed = m_closed || (open() && SSL_get_error(m_ssl.get(), result) == SSL_ERROR_ZERO_RETURN);
  ERR_clear_error();
}

void MemoryServer::send(std::string_view plain) {
  std::size_t written = 0;
  check(SSL_write_ex(m_ssl.get(), plain.data(), plain.size(), &written) == 1, "no output");
}

void MemoryServer::request_key_update() {
  check(SSL_key_update(m_ssl.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
            SSL_do_handshake(m_ssl.get()) == 1,
        "no key update");
}

void MemoryServer::send_ticket() {
  check(SSL_new_session_ticket(m_ssl.get()) == 1 && SSL_do_handshake(m_ssl.get()) == 1,
        "no ticket");
}

void MemoryServer::send_hello_request() {
  check(SSL_renegotiate(m_ssl.get()) == 1, "no renegotiation");
  continue_handshake();
}

void MemoryServer::close() {
  SSL_shutdown(m_ssl.get());
}

std::string MemoryServer::output() {
  char* bytes = nullptr;
  BIO* const bio = SSL_get_wbio(m_ssl.get());
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string result(bytes, static_cast<std::size_t>(size));
  check(BIO_reset(bio) == 1, "no reset");
  return result;
}

std::string MemoryServer::asked_name() const {
  const char* const name = SSL_get_servername(m_ssl.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string MemoryServer::client_name() const {
  const X509* const certificate = SSL_get0_peer_certificate(m_ssl.get());
  if (certificate == nullptr) {
    return "";
  }
  std::array<char, 256> name{};
  X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), name.size());
  return name.data();
}

void MemoryServer::continue_handshake() {
  SSL_do_handshake(m_ssl.get());
  ERR_clear_error();
}

std::string deliver(Session& session, std::string_view bytes) {
  std::string plain;
  session.receive(bytes, [&plain](std::string_view piece) { plain.append(piece); });
  return plain;
}

std::string output_of(Session& session) {
  std::string output;
  session.take_output(output);
  return output;
}

std::string exchange(Session& session, MemoryServer& server) {
  std::string plain;
  while (true) {
    const std::string to_server = output_of(session);
    if (!to_server.empty()) {
      server.receive(to_server);
    }
    const std::string to_client = server.output();
    if (to_client.empty()) {
      return plain;
    }
    plain += deliver(session, to_client);
  }
}

}  // namespace inferometer::transport::tls
