#include "transport/integration/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace inferometer::transport {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr std::time_t k_day = 24L * 3600;

void check(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(std::string("certificates: ") + what);
  }
}

Key make_key() {
  EVP_PKEY* key = nullptr;
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr), EVP_PKEY_CTX_free);
  check(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1 &&
            EVP_PKEY_keygen(context.get(), &key) == 1,
        "no key");
  return {key, EVP_PKEY_free};
}

void write_pem(const std::string& path, const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "w"), BIO_free);
  check(file != nullptr && write(file.get()) == 1, path.c_str());
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

/// Version 3, valid from yesterday on, with the given name as subject; neither issued nor signed.
Certificate make_certificate(EVP_PKEY* key, const std::string& name, std::time_t not_after) {
  static long serial = 0;
  Certificate certificate(X509_new(), X509_free);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  check(X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial) == 1 &&
            ASN1_TIME_set(X509_getm_notBefore(certificate.get()), std::time(nullptr) - k_day) !=
                nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after) != nullptr &&
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
            X509_set_pubkey(certificate.get(), key) == 1,
        "no certificate");
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  check(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
            X509_sign(certificate, issuer_key, EVP_sha256()) > 0,
        "no signature");
}

}  // namespace

struct Authority::Impl {
  Key key = make_key();
  std::time_t not_after = std::time(nullptr) + 1000 * k_day;
  Certificate certificate{nullptr, X509_free};
  bool intermediate = false;
};

Authority::Authority(const TemporaryFolder& folder, const std::string& name)
    : m_folder(folder), m_file(folder.path(name + ".pem")), m_impl(std::make_unique<Impl>()) {
  make(name, *m_impl);
}

Authority::Authority(const TemporaryFolder& folder, const std::string& name,
                     const Authority& issuer)
    : m_folder(folder), m_file(folder.path(name + ".pem")), m_impl(std::make_unique<Impl>()) {
  m_impl->intermediate = true;
  make(name, *issuer.m_impl);
}

void Authority::make(const std::string& name, const Impl& issuer) {
  m_impl->certificate = make_certificate(m_impl->key.get(), name, m_impl->not_after);
  X509* certificate = m_impl->certificate.get();
  add_extension(certificate, issuer.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, issuer.certificate.get(), NID_key_usage, "critical,keyCertSign");
  sign(certificate, issuer.certificate.get(), issuer.key.get());
  write_pem(m_file, [certificate](BIO* file) { return PEM_write_bio_X509(file, certificate); });
}

Authority::~Authority() = default;

std::time_t Authority::not_after() const {
  return m_impl->not_after;
}

CertificateFiles Authority::issue(const std::string& name, std::time_t not_after) const {
  return issue_by(m_impl.get(), name, not_after);
}

CertificateFiles Authority::issue_self_signed(const std::string& name,
                                              std::time_t not_after) const {
  return issue_by(nullptr, name, not_after);
}

CertificateFiles Authority::issue_by(const Impl* issuer, const std::string& name,
                                     std::time_t not_after) const {
  static int count = 0;
  const std::string stem = m_folder.path("certificate-" + std::to_string(++count));
  CertificateFiles files{stem + ".pem", stem + ".key"};
  const Key key = make_key();
  const Certificate certificate = make_certificate(key.get(), name, not_after);
  X509* const signer = issuer != nullptr ? issuer->certificate.get() : certificate.get();
  add_extension(certificate.get(), signer, NID_subject_alt_name,
                name.starts_with("IP:") ? name : "DNS:" + name);
  sign(certificate.get(), signer, issuer != nullptr ? issuer->key.get() : key.get());
  write_pem(files.certificate, [&](BIO* file) {
    const int written = PEM_write_bio_X509(file, certificate.get());
    const bool more = written == 1 && issuer != nullptr && issuer->intermediate;
    return more ? PEM_write_bio_X509(file, issuer->certificate.get()) : written;
  });
  write_pem(files.key, [&](BIO* file) {
    return PEM_write_bio_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace inferometer::transport
