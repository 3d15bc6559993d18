#include "transport/tls/certificates.hpp"

#include "base/thread/mutex.hpp"
#include "config/problem.hpp"
#include "config/read_file.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>
#include <string_view>

namespace inferometer::transport::tls {
namespace {

/// Bundles of all public authorities have a few hundred KiB.
constexpr std::size_t k_longest_file = std::size_t{16} * 1024 * 1024;

struct Shared {
  base::Mutex mutex;
  Owned<X509_STORE> store GUARDED_BY(mutex);
};

/// Never destroyed: OpenSSL may have cleaned up by the time that this would be.
Shared& shared() {
  static Shared& k_shared = *new Shared;
  return k_shared;
}

std::string from_environment(const char* variable, const char* otherwise) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

}  // namespace

base::Result<std::vector<Owned<X509>>> read_certificates(const std::string& path) {
  const base::Result<std::string> content =
      config::read_file_within(config::k_read_limit, path, k_longest_file);
  if (!content) {
    return base::fail(
        fmt::format("{} cannot be read: {}", config::quote(path), content.error().message));
  }
  return base::openssl::parse_certificates(*content).map_error([&](const base::Error& error) {
    return base::Error{fmt::format("{} {}", config::quote(path), error.message)};
  });
}

base::Result<void> trust_system_authorities(SSL_CTX* context) {
  Shared& cache = shared();
  const base::LockGuard lock(cache.mutex);
  if (!cache.store) {
    clear_errors();
    Owned<X509_STORE> store(X509_STORE_new());
    if (!store || X509_STORE_set_default_paths(store.get()) != 1) {
      return base::fail("the system's certificate authorities cannot be loaded: " + take_reason() +
                        "; name a file of authorities in tls.ca_file");
    }
    clear_errors();  // a file or folder that is not there is no failure
    cache.store = std::move(store);
  }
  SSL_CTX_set1_cert_store(context, cache.store.get());
  return {};
}

void forget_system_authorities() {
  Shared& cache = shared();
  const base::LockGuard lock(cache.mutex);
  cache.store.reset();
}

std::vector<std::string> system_authority_paths() {
  std::vector<std::string> paths{
      from_environment(X509_get_default_cert_file_env(), X509_get_default_cert_file())};
  const std::string folders =
      from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  for (std::string_view rest = folders; !rest.empty();) {
    const std::size_t end = rest.find(':');
    paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return paths;
}

}  // namespace inferometer::transport::tls
