#include "selftest/server_tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

namespace inferometer::selftest {
namespace {

using base::fail;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeExtension {
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

bool add_extension(X509* certificate, int id, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, FreeExtension> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate make_certificate(EVP_PKEY* key) {
  constexpr long k_version_3 = 2;
  constexpr long k_hour = 3600;
  Certificate certificate(X509_new());
  if (!certificate || key == nullptr) {
    return nullptr;
  }
  X509* const made = certificate.get();
  X509_NAME* const name = X509_get_subject_name(made);
  constexpr std::string_view k_name = "inferometer selftest";
  const bool good =
      X509_set_version(made, k_version_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(made), -k_hour) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(made), 24 * k_hour) != nullptr &&
      X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(k_name.data()),
                                 static_cast<int>(k_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(made, name) == 1 && X509_set_pubkey(made, key) == 1 &&
      add_extension(made, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(made, NID_subject_alt_name, "IP:127.0.0.1") &&
      X509_sign(made, key, EVP_sha256()) != 0;
  return good ? std::move(certificate) : nullptr;
}

/// The certificate as a file in memory; none if the system refuses.
base::Descriptor write_certificate(X509* certificate) {
  base::Descriptor file(memfd_create("inferometer-selftest.pem", MFD_CLOEXEC));
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_fd(file.get(), BIO_NOCLOSE));
  if (!file.valid() || !bio || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return base::Descriptor();
  }
  return file;
}

int choose_http2(SSL* /*session*/, const unsigned char** chosen, unsigned char* length,
                 const unsigned char* offered, unsigned int offered_length, void* /*argument*/) {
  static constexpr unsigned char k_known[] = "\x02h2\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, k_known, sizeof k_known - 1, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

base::Result<std::shared_ptr<const ServerTls>> ServerTls::make(bool http2) {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const Certificate certificate = make_certificate(key.get());
  if (!certificate) {
    return fail("OpenSSL could not make a certificate");
  }
  base::Descriptor file = write_certificate(certificate.get());
  if (!file.valid()) {
    return fail("cannot write a certificate to memory (memfd_create)");
  }
  const std::shared_ptr<const ServerTls> tls(
      new ServerTls(SSL_CTX_new(TLS_server_method()), std::move(file)));
  SSL_CTX* const context = tls->context();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return fail("OpenSSL could not take its own certificate");
  }
  if (http2) {
    SSL_CTX_set_alpn_select_cb(context, choose_http2, nullptr);
  }
  return tls;
}

std::string ServerTls::ca_file() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), m_certificate.get());
}

ServerTlsSession::ServerTlsSession(std::shared_ptr<const ServerTls> tls)
    : m_tls(std::move(tls)), m_session(SSL_new(m_tls->context())) {
  if (m_session) {
    SSL_set_bio(m_session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(m_session.get());
  }
}

bool ServerTlsSession::receive(std::string_view bytes, std::string& plain, std::string& output) {
  if (!m_session) {
    return false;
  }
  ERR_clear_error();
  BIO_write(SSL_get_rbio(m_session.get()), bytes.data(), static_cast<int>(bytes.size()));
  std::array<char, 16UL * 1024> buffer;
  int count = SSL_read(m_session.get(), buffer.data(), static_cast<int>(buffer.size()));
  for (; count > 0;
       count = SSL_read(m_session.get(), buffer.data(), static_cast<int>(buffer.size()))) {
    plain.append(buffer.data(), static_cast<std::size_t>(count));
  }
  take_output(output);
  return SSL_get_error(m_session.get(), count) == SSL_ERROR_WANT_READ;
}

void ServerTlsSession::send(std::string_view plain, std::string& output) {
  if (!plain.empty()) {
    ERR_clear_error();
    SSL_write(m_session.get(), plain.data(), static_cast<int>(plain.size()));
    take_output(output);
  }
}

bool ServerTlsSession::chose_http2() const {
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(m_session.get(), &name, &length);
  return length == 2;  // of "h2"; the other one is "http/1.1"
}

void ServerTlsSession::take_output(std::string& output) {
  BIO* const bio = SSL_get_wbio(m_session.get());
  const std::size_t waiting = BIO_ctrl_pending(bio);
  const std::size_t before = output.size();
  output.resize(before + waiting);
  if (waiting > 0) {
    BIO_read(bio, output.data() + before, static_cast<int>(waiting));
  }
}

}  // namespace inferometer::selftest
