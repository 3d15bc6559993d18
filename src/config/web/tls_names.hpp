#pragma once

#include "config/choices.hpp"

#include <array>
#include <string_view>

/// What the web configuration file calls the parts of TLS, which are Go's names, and OpenSSL's
/// names of the same.
namespace inferometer::config {

/// How a client's certificate is dealt with. Go: crypto/tls, ClientAuthType.
enum class ClientAuth {
  none,               ///< not asked for
  request,            ///< asked for, and never looked at
  require_any,        ///< there must be one, of whatever authority
  verify_if_given,    ///< if there is one, an authority must have issued it
  require_and_verify  ///< there must be one that an authority has issued
};

inline constexpr std::array<Choice<ClientAuth>, 6> k_client_auths{
    {{"NoClientCert", ClientAuth::none},
     {"RequestClientCert", ClientAuth::request},
     {"RequireAnyClientCert", ClientAuth::require_any},
     {"RequireClientCert", ClientAuth::require_any},  // its name in the past
     {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
     {"RequireAndVerifyClientCert", ClientAuth::require_and_verify}}};

enum class TlsVersion { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

inline constexpr std::array<Choice<TlsVersion>, 4> k_tls_versions{{{"TLS10", TlsVersion::tls_1_0},
                                                                   {"TLS11", TlsVersion::tls_1_1},
                                                                   {"TLS12", TlsVersion::tls_1_2},
                                                                   {"TLS13", TlsVersion::tls_1_3}}};

struct CipherSuite {
  std::string_view name;
  std::string_view openssl_name;  ///< empty: of TLS 1.3, where the list has no say
};

/// Those that Go counts as secure, in the order in which it prefers them.
inline constexpr std::array<CipherSuite, 13> k_cipher_suites{{
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
}};

struct Curve {
  std::string_view name;
  std::string_view openssl_name;
};

inline constexpr std::array<Curve, 4> k_curves{
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};

}  // namespace inferometer::config
