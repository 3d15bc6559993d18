#include "config/target_size.hpp"

namespace inferometer::config {
namespace {

std::size_t text_size(const SecretRef& secret) {
  return secret.name.size();
}

struct AuthSize {
  std::size_t operator()(const std::monostate& /*none*/) const { return 0; }
  std::size_t operator()(const BearerAuth& auth) const { return text_size(auth.token); }
  std::size_t operator()(const ApiKeyAuth& auth) const { return text_size(auth.key); }
  std::size_t operator()(const GoogleAuth& auth) const { return auth.service_account_file.size(); }
  std::size_t operator()(const AwsAuth& auth) const {
    return auth.region.size() + text_size(auth.access_key_id) + text_size(auth.secret_access_key) +
           (auth.session_token ? text_size(*auth.session_token) : 0);
  }
  std::size_t operator()(const OAuth2Auth& auth) const {
    return auth.token_url.size() + auth.client_id.size() + auth.scope.size() +
           text_size(auth.client_secret);
  }
};

}  // namespace

std::size_t text_size(const Provider& provider) {
  std::size_t size = provider.base_url.size() + provider.proxy.url.size() +
                     provider.proxy.username.size() + provider.proxy.no_proxy.size() +
                     provider.tls.ca_file.size() + provider.tls.cert_file.size() +
                     provider.tls.key_file.size() + provider.tls.server_name.size();
  size += std::visit(AuthSize(), provider.auth);
  size += provider.proxy.password ? text_size(*provider.proxy.password) : 0;
  size += provider.server_metrics ? provider.server_metrics->url.size() : 0;
  for (const auto* map : {&provider.headers, &provider.query}) {
    for (const auto& [name, value] : *map) {
      size += name.size() + value.size();
    }
  }
  return size;
}

std::size_t text_size(const Workload& workload) {
  return workload.expect.regex.size() +
         (workload.prompt_file ? workload.prompt_file->path.size() : 0) +
         (workload.system_prompt_file ? workload.system_prompt_file->path.size() : 0);
}

}  // namespace inferometer::config
