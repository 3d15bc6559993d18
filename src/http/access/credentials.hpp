#pragma once

#include "base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inferometer::http {

/// What a client says to be let in.
struct Credentials {
  std::string user;
  base::Secret password;
};

/// Reads the value of an Authorization header of the scheme Basic (RFC 7617); none if it is no such
/// value.
[[nodiscard]] std::optional<Credentials> read_credentials(std::string_view authorization);

/// Whether `password` is what the bcrypt hash was made of, which takes as long as the hash's cost
/// says: not for an event loop. A password that bcrypt would cut (at a NUL) is none. Thread-safe.
[[nodiscard]] bool matches_hash(const base::Secret& password, const base::Secret& hash);

/// A hash of no password, that takes as long to compare with as `like`, a bcrypt hash.
[[nodiscard]] base::Secret hash_of_nothing(const base::Secret& like);

}  // namespace inferometer::http
