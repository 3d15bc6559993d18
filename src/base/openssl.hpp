#pragma once

#include "base/error.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's types by the names that its own headers declare them with, so that these headers stay
// out of ours.
struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;
struct x509_store_st;

/// What clients and servers need of OpenSSL alike: its objects, its errors, and PEM.
namespace inferometer::base::openssl {

/// Gives an object of OpenSSL's back to it.
struct Free {
  void operator()(bio_st* object) const;
  void operator()(evp_pkey_st* object) const;
  void operator()(ssl_ctx_st* object) const;
  void operator()(ssl_st* object) const;
  void operator()(x509_st* object) const;
  void operator()(x509_store_st* object) const;
};

template <typename Object>
using Owned = std::unique_ptr<Object, Free>;

/// Forgets the errors that earlier calls of OpenSSL on this thread have left: what they say would
/// be taken for the outcome of the next call.
void clear_errors();

/// The first reason that the calls since `clear_errors` have left on this thread, or a text that
/// says that there is none; forgets them all.
[[nodiscard]] std::string take_reason();

/// The certificates in `pem`, in its order, at least one. The error continues a sentence about
/// them.
[[nodiscard]] Result<std::vector<Owned<x509_st>>> parse_certificates(std::string_view pem);

/// The private key in `pem`. The error continues a sentence about it; an encrypted key is one, as
/// no passphrase is asked for.
[[nodiscard]] Result<Owned<evp_pkey_st>> parse_key(std::string_view pem);

/// The last second in which a certificate is valid; none if it names no valid time. Not in
/// nanoseconds: certificates that are to last for ever end in the year 9999, and those would
/// overflow in 2262.
[[nodiscard]] std::optional<std::chrono::sys_seconds> expiry_of(const x509_st* certificate);

}  // namespace inferometer::base::openssl
