#include "http/tls/context.hpp"

#include "config/read_file.hpp"
#include "http/tls/alternative_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace inferometer::http::tls {
namespace {

using base::Result;
using base::openssl::clear_errors;
using base::openssl::Owned;
using base::openssl::take_reason;
using config::ClientAuth;
using config::PemSource;
using config::TlsVersion;

/// Bundles of all public authorities have a few hundred KiB.
constexpr std::size_t k_longest_pem = std::size_t{16} * 1024 * 1024;

constexpr std::string_view k_session_context = "inferometer";

bool verifies(ClientAuth client_auth) {
  return client_auth == ClientAuth::verify_if_given ||
         client_auth == ClientAuth::require_and_verify;
}

int version_number(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

int verify_mode(ClientAuth client_auth) {
  switch (client_auth) {
    case ClientAuth::none:
      return SSL_VERIFY_NONE;
    case ClientAuth::request:
    case ClientAuth::verify_if_given:
      return SSL_VERIFY_PEER;
    case ClientAuth::require_any:
    case ClientAuth::require_and_verify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

int verify_client(X509_STORE_CTX* verification, void* context) {
  return static_cast<const Context*>(context)->accepts(verification) ? 1 : 0;
}

/// This server speaks HTTP/1.1. A client that offers other protocols alone is refused, as RFC 7301,
/// section 3.2, has it.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned offered_length, void* /*unused*/) {
  constexpr std::string_view k_known = "http/1.1";
  for (unsigned at = 0; at < offered_length; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (name == k_known) {
      *chosen = offered + at + 1;
      *length = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// False where OpenSSL refuses one of it.
bool set_versions_and_ciphers(SSL_CTX* context, const config::TlsServer& settings) {
  std::vector<std::string_view> ciphers;
  for (const config::CipherSuite& suite : config::k_cipher_suites) {
    if (settings.cipher_suites.empty() && !suite.openssl_name.empty()) {
      ciphers.push_back(suite.openssl_name);
    }
  }
  for (const config::CipherSuite* const suite : settings.cipher_suites) {
    if (!suite->openssl_name.empty()) {
      ciphers.push_back(suite->openssl_name);
    }
  }
  // A list of suites of TLS 1.3 alone leaves nothing for the versions below it.
  const TlsVersion lowest = ciphers.empty() ? TlsVersion::tls_1_3 : settings.min_version;
  if (lowest < TlsVersion::tls_1_2) {
    SSL_CTX_set_security_level(context, 0);  // or OpenSSL 3 refuses their signatures by SHA-1
  }
  if (settings.prefer_server_cipher_suites) {
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  std::vector<std::string_view> curve_names;
  for (const config::Curve* const curve : settings.curves) {
    curve_names.push_back(curve->openssl_name);
  }
  std::string curves = fmt::format("{}", fmt::join(curve_names, ":"));  // OpenSSL's macro casts
  return SSL_CTX_set_min_proto_version(context, version_number(lowest)) == 1 &&
         SSL_CTX_set_max_proto_version(context, version_number(settings.max_version)) == 1 &&
         (ciphers.empty() ||
          SSL_CTX_set_cipher_list(context, fmt::format("{}", fmt::join(ciphers, ":")).c_str()) ==
              1) &&
         (curves.empty() || SSL_CTX_set1_groups_list(context, curves.data()) == 1);
}

/// False where OpenSSL refuses one of it.
bool set_policy(SSL_CTX* context, const config::TlsServer& settings, Context& callbacks) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions are kept by the clients, as tickets, or not at all: so they take no memory here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (settings.client_auth != ClientAuth::none) {
    // Or a client would stay in after its certificate has ended.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_verify(context, verify_mode(settings.client_auth), nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify_client, &callbacks);
  const bool has_context =
      SSL_CTX_set_session_id_context(
          context, reinterpret_cast<const unsigned char*>(k_session_context.data()),
          k_session_context.size()) == 1;
  // What client_ca_file holds is trusted, also where it is no root.
  return has_context &&
         X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
         set_versions_and_ciphers(context, settings);
}

/// The key by which it was given, and the file's name where it is one.
std::string name_of(const PemSource& source) {
  return source.file.empty() ? source.key : source.key + " " + config::quote(source.file);
}

Result<base::Secret> read_pem(const PemSource& source) {
  if (source.file.empty()) {
    return source.text;
  }
  return config::read_file_within(config::k_read_limit, source.file, k_longest_pem)
      .map([](std::string text) { return base::Secret(std::move(text)); })
      .map_error(
          [](const base::Error& error) { return base::Error{"cannot be read: " + error.message}; });
}

Result<std::vector<Owned<X509>>> read_certificates(const PemSource& source) {
  return read_pem(source).and_then(
      [](const base::Secret& pem) { return base::openssl::parse_certificates(pem.reveal()); });
}

/// The certificate comes first, the intermediates that lead to it behind it. Returns when the first
/// of them ends.
Result<std::optional<std::chrono::sys_seconds>> use_certificate(SSL_CTX* context,
                                                                const PemSource& source) {
  const auto chain = read_certificates(source);
  if (!chain) {
    return tl::make_unexpected(chain.error());
  }
  bool used = SSL_CTX_use_certificate(context, chain->front().get()) == 1;
  for (std::size_t i = 1; used && i < chain->size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  }
  if (!used) {
    return base::fail("cannot be used: " + take_reason());
  }
  std::optional<std::chrono::sys_seconds> first;
  for (const Owned<X509>& certificate : *chain) {
    const auto expiry = base::openssl::expiry_of(certificate.get());
    if (expiry && (!first || *expiry < *first)) {
      first = expiry;
    }
  }
  return first;
}

Result<void> use_key(SSL_CTX* context, const PemSource& source) {
  const auto key = read_pem(source).and_then(
      [](const base::Secret& pem) { return base::openssl::parse_key(pem.reveal()); });
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return base::fail(fmt::format(
        "does not go with the certificate ({}): give the key that it was made for", take_reason()));
  }
  return {};
}

/// Without an authority of its own, those of the system are trusted, as Go does.
Result<void> trust_clients(SSL_CTX* context, const config::TlsServer& settings) {
  if (!settings.client_authorities.given()) {
    if (verifies(settings.client_auth) && SSL_CTX_set_default_verify_paths(context) != 1) {
      return base::fail("the system's authorities cannot be loaded: " + take_reason());
    }
    return {};
  }
  const auto authorities = read_certificates(settings.client_authorities);
  if (!authorities) {
    return tl::make_unexpected(authorities.error());
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const Owned<X509>& authority : *authorities) {
    // Clients choose by these names which of their certificates to send.
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return base::fail("cannot be used: " + take_reason());
    }
  }
  return {};
}

}  // namespace

Context::Context(const config::TlsServer& settings)
    : m_client_auth(settings.client_auth),
      m_allowed_sans(settings.client_allowed_sans),
      m_handle(SSL_CTX_new(TLS_server_method())) {}

bool Context::accepts(X509_STORE_CTX* verification) const {
  if (verifies(m_client_auth) && X509_verify_cert(verification) != 1) {
    return false;
  }
  const bool allowed = m_allowed_sans.empty() ||
                       has_alternative_name(X509_STORE_CTX_get0_cert(verification), m_allowed_sans);
  X509_STORE_CTX_set_error(verification, allowed ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return allowed;
}

tl::expected<std::shared_ptr<const Context>, config::Problem> load_context(
    const config::TlsServer& settings) {
  const auto problem = [](const PemSource& at, const std::string& message) {
    return tl::make_unexpected(config::Problem{at.mark.line, at.mark.column,
                                               fmt::format("{} {}", name_of(at), message), ""});
  };
  clear_errors();
  auto context = std::make_shared<Context>(settings);
  SSL_CTX* const handle = context->handle();
  if (handle == nullptr || !set_policy(handle, settings, *context)) {
    return tl::make_unexpected(
        config::Problem{0, 0, "OpenSSL cannot be set up for TLS: " + take_reason(), ""});
  }
  const auto expiry = use_certificate(handle, settings.certificate);
  if (!expiry) {
    return problem(settings.certificate, expiry.error().message);
  }
  context->set_expiry(*expiry);
  if (const auto used = use_key(handle, settings.key); !used) {
    return problem(settings.key, used.error().message);
  }
  if (const auto trusted = trust_clients(handle, settings); !trusted) {
    return settings.client_authorities.given()
               ? problem(settings.client_authorities, trusted.error().message)
               : tl::make_unexpected(config::Problem{0, 0, trusted.error().message, ""});
  }
  clear_errors();
  return context;
}

}  // namespace inferometer::http::tls
