#include "transport/tls/openssl.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace inferometer::transport::tls {

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

}  // namespace inferometer::transport::tls
