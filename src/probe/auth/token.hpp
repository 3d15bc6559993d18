#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "protocol/protocol.hpp"
#include "transport/transport.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Tokens of OAuth2 (RFC 6749): how one is asked for, and what the answer says.
namespace inferometer::probe::auth {

struct Token {
  base::Secret value;     ///< printable ASCII
  base::Duration life{};  ///< from when it was asked for, to be on the safe side
};

/// All of a provider that decides how a token is got.
struct TokenSource {
  config::Auth auth;  ///< GoogleAuth or OAuth2Auth
  std::string base_url;
  config::Tls tls;
  config::Proxy proxy;

  bool operator==(const TokenSource&) const = default;
};

[[nodiscard]] TokenSource token_source_of(const config::Provider& provider);

struct TokenRequest {
  transport::Request request;
  std::vector<base::Secret> secrets;  ///< that it carries
};

/// Reads the secrets anew; the error says which cannot be used.
[[nodiscard]] base::Result<TokenRequest> make_token_request(const TokenSource& source,
                                                            base::WallTime now);

/// A response with status 200. Strict: what is no bearer token with a life is refused; a life that
/// is missing is an hour. The error holds nothing of the body.
[[nodiscard]] base::Result<Token> parse_token(std::string_view body);

using TokenResult = tl::expected<Token, protocol::ApiError>;

/// No value means that our own shutdown cut it.
using TokenFunction = std::function<void(std::optional<TokenResult>)>;

/// Takes the answer to `request` and calls `done` once, at its end. Redirects are errors, and so is
/// an answer of more than 64 KiB or one that takes more than 30 s. Errors show none of the secrets.
[[nodiscard]] std::unique_ptr<transport::Listener> make_token_listener(const TokenRequest& request,
                                                                       TokenFunction done);

}  // namespace inferometer::probe::auth
