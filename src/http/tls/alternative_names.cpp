#include "http/tls/alternative_names.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

namespace inferometer::http::tls {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  const bool valid = bytes.size() == sizeof(in_addr) || bytes.size() == sizeof(in6_addr);
  return valid && ::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr
             ? text.data()
             : "";
}

/// Empty for a kind that cannot be listed.
std::string text_of(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      return bytes_of(name->d.dNSName);
    case GEN_EMAIL:
      return bytes_of(name->d.rfc822Name);
    case GEN_URI:
      return bytes_of(name->d.uniformResourceIdentifier);
    case GEN_IPADD:
      return address_text(bytes_of(name->d.iPAddress));
    default:
      return "";
  }
}

}  // namespace

bool has_alternative_name(const X509* certificate, const std::vector<std::string>& allowed) {
  if (certificate == nullptr) {
    return false;
  }
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string text = text_of(sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty() && std::ranges::find(allowed, text) != allowed.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace inferometer::http::tls
