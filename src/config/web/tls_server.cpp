#include "config/web/tls_server.hpp"

#include "base/printable.hpp"
#include "config/yaml/suggest.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

base::Result<std::string> parse_pem(std::string_view text) {
  if (text.find("-----BEGIN ") == std::string_view::npos) {
    return base::fail("it begins with -----BEGIN");
  }
  return std::string(text);
}

/// What `file_key` or `text_key` gives, of which one alone may be there.
PemSource read_pem(const MappingReader& mapping, std::string_view file_key,
                   std::string_view text_key, const std::filesystem::path& folder) {
  PemSource source;
  mapping.allow_one({file_key, text_key});
  const bool in_file = mapping.find(file_key) != nullptr;
  if (!in_file && mapping.find(text_key) == nullptr) {
    return source;
  }
  source.key = in_file ? file_key : text_key;
  source.mark = mapping.mark(source.key);
  if (in_file) {
    mapping.read(file_key, source.file, [&](std::string_view text) -> base::Result<std::string> {
      return base::has_control_character(text) ? base::fail("write it as one line")
                                               : parse_path(text, folder);
    });
  } else {
    mapping.read(text_key, source.text, [](std::string_view text) {
      return parse_pem(text).map([](std::string pem) { return base::Secret(std::move(pem)); });
    });
  }
  return source;
}

/// The rows of `table` that the list under `key` names.
template <typename Table>
auto read_rows(const MappingReader& mapping, std::string_view key, std::string_view noun,
               std::string_view plural, const Table& table) {
  std::vector<decltype(table.data())> rows;
  std::vector<std::string_view> names;
  names.reserve(table.size());
  for (const auto& row : table) {
    names.push_back(row.name);
  }
  mapping.each(key, [&](const Node& node) {
    std::string name;
    if (!mapping.read_item(node, key, name, parse_not_empty)) {
      return;
    }
    const auto* const row = std::find_if(table.begin(), table.end(),
                                         [&](const auto& each) { return each.name == name; });
    if (row == table.end()) {
      mapping.problems().add(node.mark, fmt::format("unknown {} {}", noun, quote(name)),
                             suggest(name, plural, names));
    } else {
      rows.push_back(row);
    }
  });
  return rows;
}

void read_client_auth(const MappingReader& mapping, TlsServer& into) {
  mapping.read("client_auth_type", into.client_auth,
               [](std::string_view text) { return parse_choice(text, k_client_auths); });
  if (mapping.find("client_allowed_sans") != nullptr) {
    mapping.each("client_allowed_sans", [&](const Node& node) {
      std::string name;
      if (mapping.read_item(node, "client_allowed_sans", name, parse_not_empty)) {
        into.client_allowed_sans.push_back(std::move(name));
      }
    });
  }
}

/// What would let in more clients than whoever wrote it expects, or none.
void check_client_auth(const MappingReader& mapping, const TlsServer& tls) {
  const bool asks = tls.client_auth != ClientAuth::none;
  if (tls.client_authorities.given() && !asks) {
    mapping.problems().add(tls.client_authorities.mark,
                           fmt::format("{} without a client_auth_type that asks for certificates",
                                       tls.client_authorities.key),
                           "add client_auth_type: RequireAndVerifyClientCert");
  }
  if (!tls.client_allowed_sans.empty() && !asks) {
    mapping.problems().add(mapping.mark("client_allowed_sans"),
                           "client_allowed_sans without a client_auth_type that asks for "
                           "certificates",
                           "add client_auth_type: RequireAndVerifyClientCert");
  }
  if (tls.client_auth == ClientAuth::require_and_verify && !tls.client_authorities.given()) {
    mapping.problems().add(mapping.mark("client_auth_type"),
                           "RequireAndVerifyClientCert without an authority: every certificate of "
                           "a public one would do",
                           "name the authority of your clients by client_ca_file");
  }
}

void check_versions(const MappingReader& mapping, const TlsServer& tls) {
  if (tls.min_version > tls.max_version) {
    mapping.problems().add(mapping.mark("min_version"), "min_version is above max_version",
                           "no connection could be made");
  }
  const auto counts_below_1_3 = [](const CipherSuite* suite) {
    return !suite->openssl_name.empty();
  };
  if (tls.max_version < TlsVersion::tls_1_3 && !tls.cipher_suites.empty() &&
      std::ranges::none_of(tls.cipher_suites, counts_below_1_3)) {
    mapping.problems().add(
        mapping.mark("cipher_suites"), "cipher_suites has none of those of max_version",
        "no connection could be made: add TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  }
}

}  // namespace

TlsServer read_tls_server(const MappingReader& mapping, const std::filesystem::path& folder) {
  TlsServer tls;
  tls.certificate = read_pem(mapping, "cert_file", "cert", folder);
  tls.key = read_pem(mapping, "key_file", "key", folder);
  tls.client_authorities = read_pem(mapping, "client_ca_file", "client_ca", folder);
  mapping.require_either("cert_file", "cert");
  mapping.require_either("key_file", "key");
  read_client_auth(mapping, tls);
  const auto version = [](std::string_view text) { return parse_choice(text, k_tls_versions); };
  mapping.read("min_version", tls.min_version, version);
  mapping.read("max_version", tls.max_version, version);
  tls.cipher_suites =
      read_rows(mapping, "cipher_suites", "cipher suite", "cipher suites", k_cipher_suites);
  mapping.read("prefer_server_cipher_suites", tls.prefer_server_cipher_suites, parse_boolean);
  tls.curves = read_rows(mapping, "curve_preferences", "curve", "curves", k_curves);
  check_client_auth(mapping, tls);
  check_versions(mapping, tls);
  return tls;
}

void check_http2_suites(const TlsServer& tls, const MappingReader& mapping) {
  // RFC 7540, section 9.2.2, as golang.org/x/net/http2 has it.
  constexpr std::array<std::string_view, 2> k_needed{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                                     "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  const auto is_needed = [&](const CipherSuite* suite) {
    return std::ranges::find(k_needed, suite->name) != k_needed.end();
  };
  if (!tls.cipher_suites.empty() && tls.min_version < TlsVersion::tls_1_3 &&
      std::ranges::none_of(tls.cipher_suites, is_needed)) {
    mapping.problems().add(mapping.mark("cipher_suites"),
                           fmt::format("cipher_suites has neither {} nor {}, which HTTP/2 needs",
                                       k_needed[0], k_needed[1]),
                           "add one of them, or http2: false to http_server_config");
  }
}

}  // namespace inferometer::config
