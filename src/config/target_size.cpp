#include "config/target_size.hpp"

namespace inferometer::config {
namespace {

std::size_t text_size(const SecretRef& secret) {
  return secret.name.size();
}

struct AuthSize {
  std::size_t operator()(const std::monostate& /*none*/) const { return 0; }
  std::size_t operator()(const BearerAuth& auth) const { return text_size(auth.token); }
  std::size_t operator()(const HeaderAuth& auth) const {
    return auth.name.size() + text_size(auth.value);
  }
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

std::size_t text_size(const Tls& tls) {
  return tls.ca_file.size() + tls.cert_file.size() + tls.key_file.size() + tls.server_name.size();
}

std::size_t text_size(const std::map<std::string, std::string>& values) {
  std::size_t size = 0;
  for (const auto& [name, value] : values) {
    size += name.size() + value.size();
  }
  return size;
}

std::size_t text_size(const ServerMetrics& metrics) {
  return metrics.url.size() + std::visit(AuthSize(), metrics.auth) + text_size(metrics.headers) +
         (metrics.tls ? text_size(*metrics.tls) : 0);
}

}  // namespace

std::size_t text_size(const Provider& provider) {
  std::size_t size = provider.base_url.size() + provider.proxy.url.size() +
                     provider.proxy.username.size() + provider.proxy.no_proxy.size() +
                     text_size(provider.tls);
  size += std::visit(AuthSize(), provider.auth);
  size += provider.proxy.password ? text_size(*provider.proxy.password) : 0;
  size += provider.server_metrics ? text_size(*provider.server_metrics) : 0;
  return size + text_size(provider.headers) + text_size(provider.query);
}

std::size_t text_size(const Workload& workload) {
  return workload.expect.regex.size() +
         (workload.prompt_file ? workload.prompt_file->path.size() : 0) +
         (workload.system_prompt_file ? workload.system_prompt_file->path.size() : 0);
}

}  // namespace inferometer::config
