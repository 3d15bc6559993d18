#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// AWS Signature Version 4, as a client computes it and a server checks it. Source: AWS' "Create a
/// signed AWS API request". All functions are pure and thread-safe.
namespace inferometer::wire {

struct SigV4Header {
  std::string_view name;  ///< in any letter case
  std::string_view value;
};

/// A request as it travels. Headers that are not to be signed may be among the others.
struct SigV4Request {
  std::string_view method;
  std::string_view path;   ///< percent-encoded; encoded once more for signing, as all but S3 do
  std::string_view query;  ///< percent-encoded, without the question mark
  std::span<const SigV4Header> headers;
  std::string_view body;
};

/// When, where and for what a signature is valid.
struct SigV4Scope {
  std::string time;  ///< of the header x-amz-date: `20150830T123600Z`
  std::string region;
  std::string service;
};

/// `time` as the header x-amz-date has it.
[[nodiscard]] std::string sigv4_time(base::WallTime time);

/// The request in the form that is signed. `signed_headers` are in lower case; one that the request
/// does not have counts as empty. They are sorted here.
[[nodiscard]] std::string sigv4_canonical_request(const SigV4Request& request,
                                                  std::vector<std::string> signed_headers);

[[nodiscard]] std::string sigv4_string_to_sign(std::string_view canonical_request,
                                               const SigV4Scope& scope);

/// The signature over those headers, in lower-case hexadecimal digits.
[[nodiscard]] std::string sigv4_signature(const SigV4Request& request,
                                          std::vector<std::string> signed_headers,
                                          const SigV4Scope& scope,
                                          const base::Secret& secret_access_key);

/// What the header Authorization says.
struct SigV4Authorization {
  std::string access_key_id;
  std::string date;  ///< `20150830`
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;
  std::string signature;
};

/// The value of the header Authorization for a request of which all headers are signed; its headers
/// hold at least `host` and `x-amz-date`.
[[nodiscard]] std::string sigv4_authorization(const SigV4Request& request, const SigV4Scope& scope,
                                              std::string_view access_key_id,
                                              const base::Secret& secret_access_key);

/// Reads such a value; no value if it is none. A server computes the signature over the headers
/// that it names, and compares.
[[nodiscard]] std::optional<SigV4Authorization> parse_sigv4_authorization(std::string_view value);

}  // namespace inferometer::wire
