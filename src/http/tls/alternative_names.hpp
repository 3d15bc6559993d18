#pragma once

#include <string>
#include <vector>

struct x509_st;

namespace inferometer::http::tls {

/// Whether one of the certificate's subject alternative names is exactly one of `allowed`: DNS
/// names, mail addresses and URIs as they stand there, addresses as text (RFC 5280, 4.2.1.6).
[[nodiscard]] bool has_alternative_name(const x509_st* certificate,
                                        const std::vector<std::string>& allowed);

}  // namespace inferometer::http::tls
