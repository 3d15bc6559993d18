#pragma once

#include "base/error.hpp"
#include "transport/tls/openssl.hpp"

#include <string>
#include <vector>

namespace inferometer::transport::tls {

/// The certificates of a PEM file, in its order, at least one. The error continues a sentence about
/// them with the file's name, the reason and what to do.
[[nodiscard]] base::Result<std::vector<Owned<x509_st>>> read_certificates(const std::string& path);

/// Has `context` trust the authorities of the system. They are read at the first call, which takes
/// about 25 ms; all contexts of the process share what was read. Thread-safe.
[[nodiscard]] base::Result<void> trust_system_authorities(ssl_ctx_st* context);

/// The next call of `trust_system_authorities` reads them anew. Contexts keep what they have.
/// Thread-safe.
void forget_system_authorities();

/// The file and the folders that the system's authorities are read from, as the environment
/// (SSL_CERT_FILE, SSL_CERT_DIR) or OpenSSL itself has it.
[[nodiscard]] std::vector<std::string> system_authority_paths();

}  // namespace inferometer::transport::tls
