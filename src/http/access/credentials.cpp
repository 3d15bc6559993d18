#include "http/access/credentials.hpp"

#include "base/ascii.hpp"
#include "wire/base64.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <cstring>
#include <memory>
#include <utility>

namespace inferometer::http {
namespace {

constexpr std::size_t k_bcrypt_bytes = 60;
constexpr std::size_t k_bcrypt_salt_at = 7;

/// 32 KiB, which hold what passwords were made into.
struct WipeCryptData {
  void operator()(crypt_data* data) const {
    OPENSSL_cleanse(data, sizeof *data);
    delete data;
  }
};

}  // namespace

std::optional<Credentials> read_credentials(std::string_view authorization) {
  const std::size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos ||
      !base::equal_ignoring_case(authorization.substr(0, blank), "basic")) {
    return std::nullopt;
  }
  auto decoded = wire::base64_decode(base::trimmed(authorization.substr(blank)));
  if (!decoded) {
    return std::nullopt;
  }
  const base::Secret text(*std::move(decoded));
  const std::size_t colon = text.reveal().find(':');
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  return Credentials{.user = text.reveal().substr(0, colon),
                     .password = base::Secret(text.reveal().substr(colon + 1))};
}

bool matches_hash(const base::Secret& password, const base::Secret& hash) {
  const std::unique_ptr<crypt_data, WipeCryptData> data(new crypt_data{});
  const char* const made = ::crypt_r(password.reveal().c_str(), hash.reveal().c_str(), data.get());
  // Behind a NUL anything could stand: crypt_r() ends there.
  const bool whole = password.reveal().find('\0') == std::string::npos;
  return made != nullptr && std::strlen(made) == hash.reveal().size() &&
         CRYPTO_memcmp(made, hash.reveal().data(), hash.reveal().size()) == 0 && whole;
}

base::Secret hash_of_nothing(const base::Secret& like) {
  // What bcrypt makes of a password is never 31 times the same digit: it would have to be 0.
  std::string hash = like.reveal().substr(0, k_bcrypt_salt_at);
  hash.resize(k_bcrypt_bytes, '.');
  return base::Secret(std::move(hash));
}

}  // namespace inferometer::http
