#include "config/web/web_schema.hpp"

#include "config/web/web_file.hpp"

#include <array>

namespace inferometer::config {
namespace schema {
namespace {

constexpr std::string_view k_switch = "true or false";
constexpr std::string_view k_section = "a mapping";
constexpr std::string_view k_file_path = "a path";
constexpr std::string_view k_certificates = "certificates in PEM";
constexpr std::string_view k_header_value = "one line of text";

constexpr std::array k_web_file_keys{
    Key{"tls_server_config", k_section},
    Key{"http_server_config", k_section},
    Key{"basic_auth_users", "a mapping of user names to bcrypt hashes", false, true},
    Key{"rate_limit", k_section},
};
constexpr std::array k_tls_server_keys{
    Key{"cert_file", k_file_path},
    Key{"cert", k_certificates, false, true},
    Key{"key_file", k_file_path},
    Key{"key", "a private key in PEM", false, true},
    Key{"client_auth_type",
        "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or "
        "RequireAndVerifyClientCert"},
    Key{"client_ca_file", k_file_path},
    Key{"client_ca", k_certificates, false, true},
    Key{"client_allowed_sans", "a list of names"},
    Key{"min_version", "TLS10, TLS11, TLS12 or TLS13"},
    Key{"max_version", "TLS10, TLS11, TLS12 or TLS13"},
    Key{"cipher_suites", "a list of cipher suites"},
    Key{"prefer_server_cipher_suites", k_switch},
    Key{"curve_preferences", "a list of curves"},
};
constexpr std::array k_http_server_keys{
    Key{"http2", k_switch},
    Key{"headers", "a mapping of header names to values"},
};
constexpr std::array k_response_headers_keys{
    Key{"Content-Security-Policy", k_header_value},   Key{"X-Frame-Options", "deny or sameorigin"},
    Key{"X-Content-Type-Options", "nosniff"},         Key{"X-XSS-Protection", k_header_value},
    Key{"Strict-Transport-Security", k_header_value},
};
constexpr std::array k_request_rate_keys{
    Key{"interval", "a duration up to 1d, or 0", true},
    Key{"burst", "a whole number from 0 to 1000000", true},
};

}  // namespace

constexpr Section k_web_file{"the web configuration", k_web_file_keys};
constexpr Section k_tls_server{"tls_server_config", k_tls_server_keys};
constexpr Section k_http_server{"http_server_config", k_http_server_keys};
constexpr Section k_response_headers{"headers", k_response_headers_keys};
constexpr Section k_request_rate{"rate_limit", k_request_rate_keys};

}  // namespace schema

std::span<const schema::Section* const> web_sections() {
  static constexpr std::array k_all{&schema::k_web_file, &schema::k_tls_server,
                                    &schema::k_http_server, &schema::k_response_headers,
                                    &schema::k_request_rate};
  return k_all;
}

}  // namespace inferometer::config
