#include "transport/tls/context.hpp"

#include "base/secret.hpp"
#include "config/problem.hpp"
#include "config/read_file.hpp"
#include "transport/tls/certificates.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace inferometer::transport::tls {
namespace {

using base::Result;
using std::chrono::sys_seconds;

constexpr std::size_t k_longest_key_file = std::size_t{1024} * 1024;

/// Tells the session of the chain that is about to be verified.
void note_chain(X509_STORE_CTX* verification) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& peer = *static_cast<PeerChain*>(SSL_get_app_data(ssl));
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(verification);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const std::optional<sys_seconds> expiry = base::openssl::expiry_of(sk_X509_value(chain, i));
    if (expiry && (!peer.expiry || *expiry < *peer.expiry)) {
      peer.expiry = expiry;
    }
  }
}

/// OpenSSL's own verification, with the chain noted also where that fails.
int verify_chain(X509_STORE_CTX* verification, void* /*unused*/) {
  note_chain(verification);
  return X509_verify_cert(verification);
}

int accept_any_chain(X509_STORE_CTX* verification, void* /*unused*/) {
  note_chain(verification);
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

/// False where OpenSSL refuses one of it.
bool set_policy(SSL_CTX* context, bool skip_verify) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  // A fresh connection is measured with its whole handshake, so nothing is ever resumed.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // some 34 KiB of an idle connection
  SSL_CTX_set_verify(context, skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, skip_verify ? accept_any_chain : verify_chain, nullptr);
  // An intermediate or a server's own certificate in ca_file is trusted like a root there.
  return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
         SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

Result<void> trust_file(SSL_CTX* context, const std::string& path) {
  const auto authorities = read_certificates(path);
  if (!authorities) {
    return base::fail("the authorities in tls.ca_file " + authorities.error().message);
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const Owned<X509>& authority : *authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return base::fail(fmt::format("an authority in tls.ca_file {} cannot be used: {}",
                                    config::quote(path), take_reason()));
    }
  }
  return {};
}

/// The certificate comes first in the file, the intermediates that lead to it behind it.
Result<void> use_certificate(SSL_CTX* context, const std::string& path) {
  const auto chain = read_certificates(path);
  if (!chain) {
    return base::fail("the certificate in tls.cert_file " + chain.error().message);
  }
  bool used = SSL_CTX_use_certificate(context, chain->front().get()) == 1;
  for (std::size_t i = 1; used && i < chain->size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  }
  if (!used) {
    return base::fail(fmt::format("the certificate in tls.cert_file {} cannot be used: {}",
                                  config::quote(path), take_reason()));
  }
  return {};
}

Result<void> use_key(SSL_CTX* context, const config::Tls& tls) {
  const std::string where = "the key in tls.key_file " + config::quote(tls.key_file);
  Result<std::string> content =
      config::read_file_within(config::k_read_limit, tls.key_file, k_longest_key_file);
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  const base::Secret pem(*std::move(content));
  const auto key = base::openssl::parse_key(pem.reveal());
  if (!key) {
    return base::fail(fmt::format("{} {}", where, key.error().message));
  }
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    return base::fail(
        fmt::format("{} does not go with the certificate in tls.cert_file {} ({}): "
                    "give the key that the certificate was made for",
                    where, config::quote(tls.cert_file), take_reason()));
  }
  return {};
}

Result<void> set_up(SSL_CTX* context, const config::Tls& tls) {
  if (!set_policy(context, tls.insecure_skip_verify)) {
    return base::fail("OpenSSL cannot be set up for TLS: " + take_reason());
  }
  Result<void> done;
  if (!tls.insecure_skip_verify) {
    done =
        tls.ca_file.empty() ? trust_system_authorities(context) : trust_file(context, tls.ca_file);
  }
  if (done && !tls.cert_file.empty()) {
    done = use_certificate(context, tls.cert_file);
  }
  if (done && !tls.key_file.empty()) {
    done = use_key(context, tls);
  }
  return done;
}

}  // namespace

Result<std::shared_ptr<const Context>> load_context(const config::Tls& tls) {
  clear_errors();
  Owned<SSL_CTX> handle(SSL_CTX_new(TLS_client_method()));
  if (!handle) {
    return base::fail("OpenSSL cannot be set up for TLS: " + take_reason());
  }
  const Result<void> done = set_up(handle.get(), tls);
  clear_errors();
  if (!done) {
    return tl::make_unexpected(done.error());
  }
  return std::make_shared<const Context>(std::move(handle), tls);
}

}  // namespace inferometer::transport::tls
