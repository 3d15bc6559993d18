#include "probe/auth/aws_signing.hpp"

#include "base/ascii.hpp"
#include "config/secrets.hpp"
#include "wire/sigv4.hpp"
#include "wire/url.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;

/// As the transport sends it: with the port wherever the TLS server name is another one.
std::string host_header(const wire::Url& url, const config::Tls& tls) {
  return tls.server_name.empty() ? wire::authority(url) : wire::authority_with_port(url);
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

Result<AwsKeys> read_static_aws_keys(const config::AwsAuth& auth) {
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
  return AwsKeys{*std::move(id), *std::move(key), *std::move(token)};
}

Result<Authorization> sign_for_aws(const AwsKeys& keys, const std::string& region,
                                   const transport::Request& request, base::WallTime now) {
  const Result<wire::Url> url = wire::parse_url(request.url);
  if (!url) {
    return base::fail("the provider's URL cannot be signed: " + url.error().message);
  }
  const std::string host = host_header(*url, request.tls);
  const std::string_view target = url->target;
  const std::size_t question = std::min(target.find('?'), target.size());
  const wire::SigV4Scope scope{
      .time = wire::sigv4_time(now), .region = region, .service = "bedrock"};
  const Secret& session_token = keys.session_token;
  std::vector<wire::SigV4Header> headers{{"host", host}, {"x-amz-date", scope.time}};
  if (const std::string_view content_type = content_type_of(request); !content_type.empty()) {
    headers.push_back({"content-type", content_type});
  }
  if (!session_token.empty()) {
    headers.push_back({"x-amz-security-token", session_token.reveal()});
  }
  const wire::SigV4Request signable{
      .method = request.method == transport::Method::post ? "POST" : "GET",
      .path = target.substr(0, question),
      .query = target.substr(std::min(question + 1, target.size())),
      .headers = headers,
      .body = request.body};

  Authorization authorization;
  authorization.headers.emplace_back("X-Amz-Date", Secret(scope.time));
  authorization.headers.emplace_back(
      "Authorization", Secret(wire::sigv4_authorization(
                           signable, scope, keys.access_key_id.reveal(), keys.secret_access_key)));
  if (!session_token.empty()) {
    authorization.headers.emplace_back("X-Amz-Security-Token", session_token);
    authorization.secrets.push_back(session_token);
  }
  authorization.secrets.push_back(keys.access_key_id);
  authorization.secrets.push_back(keys.secret_access_key);
  return authorization;
}

}  // namespace inferometer::probe::auth
