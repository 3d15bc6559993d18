#include "transport/tls/failure.hpp"

#include "config/problem.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace inferometer::transport::tls {
namespace {

/// What can be done about it; empty where there is nothing that the user can do.
std::string advice_on_verification(long code, const FailureContext& where) {
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ": if it is the right server, set tls.server_name to a name in its certificate";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return ": it has to be renewed, unless this machine's clock is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ": is this machine's clock right?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return where.tls.ca_file.empty()
                 ? ": it is of none of the system's authorities; name the file of its own "
                   "authority in tls.ca_file"
                 : fmt::format(": its authority is not in tls.ca_file {}",
                               config::quote(where.tls.ca_file));
    default:
      return "";
  }
}

std::string explain_verification(long code, const FailureContext& where) {
  return fmt::format("the server's certificate is not accepted for {} ({}){}",
                     config::quote(where.server_name), X509_verify_cert_error_string(code),
                     advice_on_verification(code, where));
}

struct Alert {
  int number = 0;
  std::string_view name;
  std::string_view hint;
};

/// RFC 8446, 6, and older ones that TLS 1.2 still has (RFC 5246, 7.2; RFC 6066, 9).
constexpr std::array<Alert, 31> k_alerts{{
    {10, "unexpected message", ""},
    {20, "bad record mac", ""},
    {21, "decryption failed", ""},
    {22, "record overflow", ""},
    {30, "decompression failure", ""},
    {40, "handshake failure", ": there is no cipher that both know, or it asks for a certificate"},
    {42, "bad certificate", ": it does not accept the certificate in tls.cert_file"},
    {43, "unsupported certificate", ": it does not accept the certificate in tls.cert_file"},
    {44, "certificate revoked", ": it does not accept the certificate in tls.cert_file"},
    {45, "certificate expired", ": it does not accept the certificate in tls.cert_file"},
    {46, "certificate unknown", ": it does not accept the certificate in tls.cert_file"},
    {47, "illegal parameter", ""},
    {48, "unknown CA", ": it does not know the authority of the certificate in tls.cert_file"},
    {49, "access denied", ""},
    {50, "decode error", ""},
    {51, "decrypt error", ""},
    {60, "export restriction", ""},
    {70, "protocol version", ": it speaks neither TLS 1.2 nor 1.3"},
    {71, "insufficient security", ""},
    {80, "internal error", ""},
    {86, "inappropriate fallback", ""},
    {90, "user canceled", ""},
    {100, "no renegotiation", ""},
    {109, "missing extension", ""},
    {110, "unsupported extension", ""},
    {111, "certificate unobtainable", ""},
    {112, "unrecognized name", ": set tls.server_name to a name that the server has"},
    {113, "bad certificate status response", ""},
    {115, "unknown PSK identity", ""},
    {116, "certificate required", ": give it one in tls.cert_file and tls.key_file"},
    {120, "no application protocol", ": it speaks none of the HTTP versions that were offered"},
}};

std::string explain_alert(int number) {
  const auto* const alert = std::find_if(k_alerts.begin(), k_alerts.end(),
                                         [number](const Alert& a) { return a.number == number; });
  return alert != k_alerts.end()
             ? fmt::format("the server ended TLS with the alert \"{}\"{}", alert->name, alert->hint)
             : fmt::format("the server ended TLS with the alert {}", number);
}

/// These stand for a first record that is none of TLS.
bool is_plain_text(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

}  // namespace

std::string explain_failure(const SSL* ssl, const FailureContext& where) {
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  std::string text = take_reason();
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return explain_verification(SSL_get_verify_result(ssl), where);
  }
  if (reason >= SSL_AD_REASON_OFFSET) {
    return explain_alert(reason - SSL_AD_REASON_OFFSET);
  }
  if (is_plain_text(reason) && !where.answered_in_tls) {
    return "the server does not speak TLS on this port: is its URL to begin with http://?";
  }
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL) {
    return "the server speaks an older TLS than 1.2, which is not safe any more";
  }
  return fmt::format("TLS with {} failed: {}", config::quote(where.server_name), text);
}

}  // namespace inferometer::transport::tls
