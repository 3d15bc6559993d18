#include "wire/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <new>

namespace inferometer::wire {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_string(const Digest& digest) {
  return {digest.begin(), digest.end()};
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(k_digits[byte >> 4U]);
    text.push_back(k_digits[byte & 0xfU]);
  }
  return text;
}

std::string sha256_hex(std::string_view data) {
  Digest digest{};
  if (SHA256(bytes_of(data), data.size(), digest.data()) == nullptr) {
    throw std::bad_alloc();  // the only reason that it has
  }
  return hex(to_string(digest));
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  Digest digest{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(),
           digest.data(), &length) == nullptr) {
    throw std::bad_alloc();
  }
  return to_string(digest);
}

}  // namespace inferometer::wire
