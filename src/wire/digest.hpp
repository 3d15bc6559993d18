#pragma once

#include <string>
#include <string_view>

/// SHA-256 (FIPS 180-4) and its HMAC (RFC 2104), by OpenSSL.
namespace inferometer::wire {

/// In lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);

/// The 32 bytes themselves.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);

/// `bytes` in lower-case hexadecimal digits.
[[nodiscard]] std::string hex(std::string_view bytes);

}  // namespace inferometer::wire
