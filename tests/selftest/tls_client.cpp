#include "selftest/tls_client.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>

namespace inferometer::fakes {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

}  // namespace

std::string get_over_tls(std::uint16_t port, const std::string& ca_file,
                         const std::string& address) {
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const std::unique_ptr<BIO, Free> bio(BIO_new_ssl_connect(context.get()));
  SSL* session = nullptr;
  BIO_get_ssl(bio.get(), &session);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), address.c_str());
  std::string peer = "127.0.0.1:" + std::to_string(port);
  BIO_set_conn_hostname(bio.get(), peer.data());
  if (BIO_do_handshake(bio.get()) != 1) {
    return "";
  }
  constexpr std::string_view k_request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  BIO_write(bio.get(), k_request.data(), static_cast<int>(k_request.size()));
  std::string answer;
  std::array<char, 4096> buffer;
  while (answer.find("\r\n0\r\n\r\n") == std::string::npos) {
    const int size = BIO_read(bio.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) {
      break;
    }
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return answer;
}

}  // namespace inferometer::fakes
