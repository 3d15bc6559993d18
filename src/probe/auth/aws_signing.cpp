#include "probe/auth/aws_signing.hpp"

#include "base/ascii.hpp"
#include "config/secret_source.hpp"
#include "wire/sigv4.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>
#include <optional>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;

/// The parts of a URL as libcurl sends them.
struct SentUrl {
  std::string host;  ///< the value of the header Host
  std::string path;
  std::string query;
};

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) {
    return std::nullopt;
  }
  const std::unique_ptr<char, void (*)(void*)> owner(text, &curl_free);
  return std::string(text);
}

/// libcurl's own parser, so that what is signed is what is sent.
std::optional<SentUrl> sent_url_of(const transport::Request& request) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  const auto host = part_of(url.get(), CURLUPART_HOST);
  const auto port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port) {
    return std::nullopt;
  }
  // The transport writes the port into Host wherever the TLS server name is another one.
  const bool is_default = *port == (*scheme == "https" ? "443" : "80");
  const bool is_hidden = is_default && request.tls.server_name.empty();
  return SentUrl{.host = is_hidden ? *host : fmt::format("{}:{}", *host, *port),
                 .path = part_of(url.get(), CURLUPART_PATH).value_or("/"),
                 .query = part_of(url.get(), CURLUPART_QUERY).value_or("")};
}

struct Credentials {
  Secret access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< empty: none
};

Result<Credentials> read_credentials(const config::AwsAuth& auth) {
  Result<Secret> id = config::read_secret(auth.access_key_id);
  if (!id) {
    return tl::make_unexpected(id.error());
  }
  Result<Secret> key = config::read_secret(auth.secret_access_key);
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  Result<Secret> token = config::read_secret(auth.session_token);
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  return Credentials{*std::move(id), *std::move(key), *std::move(token)};
}

std::string_view content_type_of(const transport::Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (base::equal_ignoring_case(name, "content-type")) {
      return value;
    }
  }
  return {};
}

}  // namespace

Result<Authorization> sign_for_aws(const config::AwsAuth& auth, const transport::Request& request,
                                   base::WallTime now) {
  Result<Credentials> credentials = read_credentials(auth);
  if (!credentials) {
    return tl::make_unexpected(credentials.error());
  }
  const std::optional<SentUrl> url = sent_url_of(request);
  if (!url) {
    return base::fail("the provider's URL cannot be signed: it is not one that libcurl takes");
  }
  const wire::SigV4Scope scope{
      .time = wire::sigv4_time(now), .region = auth.region, .service = "bedrock"};
  const Secret& session_token = credentials->session_token;
  std::vector<wire::SigV4Header> headers{{"host", url->host}, {"x-amz-date", scope.time}};
  if (const std::string_view content_type = content_type_of(request); !content_type.empty()) {
    headers.push_back({"content-type", content_type});
  }
  if (!session_token.empty()) {
    headers.push_back({"x-amz-security-token", session_token.reveal()});
  }
  const wire::SigV4Request signable{
      .method = request.method == transport::Method::post ? "POST" : "GET",
      .path = url->path,
      .query = url->query,
      .headers = headers,
      .body = request.body};

  Authorization authorization;
  authorization.headers.emplace_back("X-Amz-Date", Secret(scope.time));
  authorization.headers.emplace_back(
      "Authorization",
      Secret(wire::sigv4_authorization(signable, scope, credentials->access_key_id.reveal(),
                                       credentials->secret_access_key)));
  if (!session_token.empty()) {
    authorization.headers.emplace_back("X-Amz-Security-Token", session_token);
    authorization.secrets.push_back(session_token);
  }
  authorization.secrets.push_back(std::move(credentials->access_key_id));
  authorization.secrets.push_back(std::move(credentials->secret_access_key));
  return authorization;
}

}  // namespace inferometer::probe::auth
