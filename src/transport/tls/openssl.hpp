#pragma once

#include <memory>
#include <string>

// OpenSSL's types by the names that its own headers declare them with, so that these headers stay
// out of ours.
struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;
struct x509_store_st;

namespace inferometer::transport::tls {

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

}  // namespace inferometer::transport::tls
