#pragma once

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

namespace inferometer::probe::auth {

/// An RSA key made for one run of the tests.
inline EVP_PKEY* rsa_key() {
  static const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> k_key(EVP_RSA_gen(2048),
                                                                    &EVP_PKEY_free);
  return k_key.get();
}

/// PKCS#8 in PEM, encrypted if there is a password.
inline std::string pem_of(EVP_PKEY* key, const char* password = nullptr) {
  const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(memory.get(), key,
                                        password != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr,
                                        0, nullptr, const_cast<char*>(password)) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

/// The file as Google's console gives it.
inline nlohmann::json service_account_json() {
  return {{"type", "service_account"},
          {"project_id", "p"},
          {"private_key_id", "0123abcd"},
          {"private_key", pem_of(rsa_key())},
          {"client_email", "prober@p.iam.gserviceaccount.com"},
          {"client_id", "1"},
          {"auth_uri", "https://accounts.google.com/o/oauth2/auth"},
          {"token_uri", "https://oauth2.googleapis.com/token"}};
}

}  // namespace inferometer::probe::auth
