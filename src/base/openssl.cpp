#include "base/openssl.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>

namespace inferometer::base::openssl {
namespace {

/// Whether the last call of PEM_read_… found no further block, which is how a text ends.
bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Owned<BIO> reader_of(std::string_view pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

}  // namespace

void Free::operator()(BIO* object) const {
  BIO_free(object);
}

void Free::operator()(EVP_PKEY* object) const {
  EVP_PKEY_free(object);
}

void Free::operator()(SSL_CTX* object) const {
  SSL_CTX_free(object);
}

void Free::operator()(SSL* object) const {
  SSL_free(object);
}

void Free::operator()(X509* object) const {
  X509_free(object);
}

void Free::operator()(X509_STORE* object) const {
  X509_STORE_free(object);
}

void clear_errors() {
  // Clearing goes through the whole queue, which is empty nearly always.
  if (ERR_peek_error() != 0) {
    ERR_clear_error();
  }
}

std::string take_reason() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(error);
  if (reason != nullptr) {
    return reason;
  }
  return error == 0 ? "OpenSSL gives no reason"
                    : "OpenSSL's error " + std::to_string(ERR_GET_REASON(error));
}

Result<std::vector<Owned<X509>>> parse_certificates(std::string_view pem) {
  clear_errors();
  const Owned<BIO> source = reader_of(pem);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  std::vector<Owned<X509>> certificates;
  while (source != nullptr) {
    Owned<X509> certificate(PEM_read_bio_X509_AUX(source.get(), nullptr, no_passphrase, nullptr));
    if (!certificate) {
      break;
    }
    certificates.push_back(std::move(certificate));
  }
  if (!at_end_of_pem()) {
    return fail(
        fmt::format("cannot be used, certificate {} of it is broken ({}): it has "
                    "to be a PEM file of whole certificates",
                    certificates.size() + 1, take_reason()));
  }
  clear_errors();
  if (certificates.empty()) {
    return fail(
        "cannot be used, it holds no certificate: it has to be a PEM "
        "file (-----BEGIN CERTIFICATE-----)");
  }
  return certificates;
}

Result<Owned<EVP_PKEY>> parse_key(std::string_view pem) {
  clear_errors();
  const Owned<BIO> source = reader_of(pem);
  bool encrypted = false;
  // Without a callback OpenSSL would ask the terminal for the passphrase.
  const auto refuse = [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
  };
  Owned<EVP_PKEY> key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, refuse, &encrypted)
                             : nullptr);
  if (encrypted) {
    clear_errors();
    return fail(
        "is encrypted: give it without a passphrase (openssl pkey "
        "-in OLD -out NEW), readable by this service alone");
  }
  if (!key) {
    return fail(
        fmt::format("cannot be used ({}): it has to be a PEM file "
                    "(-----BEGIN PRIVATE KEY-----)",
                    take_reason()));
  }
  clear_errors();
  return key;
}

std::optional<std::chrono::sys_seconds> expiry_of(const X509* certificate) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) != 1) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(utc.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(utc.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(utc.tm_mday))};
  return std::chrono::sys_days(date) + std::chrono::hours(utc.tm_hour) +
         std::chrono::minutes(utc.tm_min) + std::chrono::seconds(utc.tm_sec);
}

}  // namespace inferometer::base::openssl
