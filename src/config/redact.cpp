#include "config/redact.hpp"

#include "config/choices.hpp"
#include "config/secret_names.hpp"
#include "config/section/slo.hpp"
#include "config/yaml/writing.hpp"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace inferometer::config {
namespace {

void write_secret_ref(YamlOutput& out, const SecretRef& secret, const char* variable_key,
                      const char* file_key) {
  switch (secret.kind) {
    case SecretRef::Kind::environment:
      write_text(out, variable_key, secret.name);
      break;
    case SecretRef::Kind::file:
      write_text(out, file_key, secret.name);
      break;
  }
}

struct AuthWriter {
  YamlOutput& out;

  void operator()(const std::monostate& /*none*/) const {}
  void operator()(const BearerAuth& auth) const {
    write_secret_ref(out, auth.token, "bearer_env", "bearer_file");
  }
  void operator()(const HeaderAuth& auth) const {
    begin(out, "header");
    write_text(out, "name", auth.name);
    write_secret_ref(out, auth.value, "value_env", "value_file");
    out.yaml << YAML::EndMap;
  }
  void operator()(const ApiKeyAuth& auth) const {
    write_secret_ref(out, auth.key, "api_key_env", "api_key_file");
  }
  void operator()(const GoogleAuth& auth) const {
    write_text(out, "google_service_account_file", auth.service_account_file);
  }
  void operator()(const AwsAuth& auth) const {
    begin(out, "aws");
    write_text(out, "region", auth.region);
    write_secret_ref(out, auth.access_key_id, "access_key_id_env", "access_key_id_file");
    write_secret_ref(out, auth.secret_access_key, "secret_access_key_env",
                     "secret_access_key_file");
    if (auth.session_token) {
      write_secret_ref(out, *auth.session_token, "session_token_env", "session_token_file");
    }
    out.yaml << YAML::EndMap;
  }
  void operator()(const GoogleMetadataAuth& /*auth*/) const {
    write_boolean(out, "google_metadata", true);
  }
  void operator()(const GoogleExternalAccountAuth& auth) const {
    write_text(out, "google_external_account_file", auth.file);
  }
  void operator()(const AwsWebIdentityAuth& auth) const {
    begin_role("web-identity", auth.region);
    write_given(out, "role_arn", auth.role_arn);
    write_given(out, "token_file", auth.token_file);
    write_text(out, "role_session_name", auth.session_name);
    out.yaml << YAML::EndMap;
  }
  void operator()(const AwsPodIdentityAuth& auth) const {
    begin_role("pod-identity", auth.region);
    out.yaml << YAML::EndMap;
  }
  void operator()(const AwsInstanceAuth& auth) const {
    begin_role("instance", auth.region);
    out.yaml << YAML::EndMap;
  }
  void operator()(const AzureManagedIdentityAuth& auth) const {
    begin(out, "azure");
    write_text(out, "credentials", "managed-identity");
    write_given(out, "client_id", auth.client_id);
    write_text(out, "resource", auth.resource);
    out.yaml << YAML::EndMap;
  }
  void operator()(const AzureWorkloadIdentityAuth& auth) const {
    begin(out, "azure");
    write_text(out, "credentials", "workload-identity");
    write_given(out, "client_id", auth.client_id);
    write_given(out, "tenant_id", auth.tenant_id);
    write_given(out, "token_file", auth.token_file);
    write_text(out, "resource", auth.resource);
    out.yaml << YAML::EndMap;
  }
  void operator()(const OAuth2Auth& auth) const {
    begin(out, "oauth2");
    write_text(out, "token_url", auth.token_url);
    write_text(out, "client_id", auth.client_id);
    write_secret_ref(out, auth.client_secret, "client_secret_env", "client_secret_file");
    write_given(out, "scope", auth.scope);
    out.yaml << YAML::EndMap;
  }

 private:
  void begin_role(const char* credentials, const std::string& region) const {
    begin(out, "aws");
    write_text(out, "region", region);
    write_text(out, "credentials", credentials);
  }
};

void write_name_values(YamlOutput& out, const char* key,
                       const std::map<std::string, std::string>& values) {
  begin(out, key);
  for (const auto& [name, value] : values) {
    out.yaml << YAML::Key << YAML::DoubleQuoted << name << YAML::Value;
    write_text(out, may_carry_secret(name) ? "<secret>" : value);
  }
  out.yaml << YAML::EndMap;
}

void write_labels(YamlOutput& out, const std::map<std::string, std::string>& labels) {
  begin(out, "labels");
  for (const auto& [name, value] : labels) {
    write_text(out, name.c_str(), value);
  }
  out.yaml << YAML::EndMap;
}

void write_tls(YamlOutput& out, const Tls& tls) {
  begin(out, "tls");
  write_given(out, "ca_file", tls.ca_file);
  write_given(out, "cert_file", tls.cert_file);
  write_given(out, "key_file", tls.key_file);
  write_given(out, "server_name", tls.server_name);
  write_boolean(out, "insecure_skip_verify", tls.insecure_skip_verify);
  out.yaml << YAML::EndMap;
}

void write_proxy(YamlOutput& out, const Proxy& proxy) {
  if (proxy.url.empty()) {
    return;
  }
  begin(out, "proxy");
  write_text(out, "url", proxy.url);
  write_given(out, "username", proxy.username);
  if (proxy.password) {
    write_secret_ref(out, *proxy.password, "password_env", "password_file");
  }
  write_given(out, "no_proxy", proxy.no_proxy);
  out.yaml << YAML::EndMap;
}

/// The URL with no value of a parameter that might be a secret.
std::string redacted_url(std::string_view url) {
  std::string text(url.substr(0, url.find('?')));
  for (std::size_t at = text.size(); at < url.size();) {
    const std::size_t end = std::min(url.find('&', at + 1), url.size());
    const std::string_view parameter = url.substr(at, end - at);  // with its ? or &
    const std::size_t equals = parameter.find('=');
    const bool hidden =
        equals != std::string_view::npos && may_carry_secret(parameter.substr(1, equals - 1));
    text.append(parameter.substr(0, hidden ? equals + 1 : parameter.size()));
    text.append(hidden ? "<secret>" : "");
    at = end;
  }
  return text;
}

void write_server_metrics(YamlOutput& out, const ServerMetrics& metrics) {
  begin(out, "server_metrics");
  write_plain(out, "kind", word_of(metrics.kind, k_server_kinds));
  write_text(out, "url", redacted_url(metrics.url));
  write_duration(out, "interval", metrics.interval);
  begin(out, "auth");
  std::visit(AuthWriter{out}, metrics.auth);
  out.yaml << YAML::EndMap;
  write_name_values(out, "headers", metrics.headers);
  if (metrics.tls) {
    write_tls(out, *metrics.tls);
  }
  out.yaml << YAML::EndMap;
}

void write_model(YamlOutput& out, const Model& model) {
  out.yaml << YAML::Flow << YAML::BeginMap;
  write_text(out, "name", model.name);
  if (model.context_window) {
    write_number(out, "context_window", *model.context_window);
  }
  write_given(out, "extra_body", model.extra_body);
  out.yaml << YAML::EndMap;
}

void write_provider(YamlOutput& out, const Provider& provider) {
  out.yaml << YAML::BeginMap;
  write_text(out, "name", provider.name);
  write_text(out, "protocol", provider.protocol);
  write_text(out, "base_url", provider.base_url);
  write_name_values(out, "query", provider.query);
  begin(out, "auth");
  std::visit(AuthWriter{out}, provider.auth);
  out.yaml << YAML::EndMap;
  write_name_values(out, "headers", provider.headers);
  write_labels(out, provider.labels);
  write_text(out, "max_tokens_parameter", provider.max_tokens_parameter);
  write_boolean(out, "ignore_eos", provider.ignore_eos);
  begin(out, "rate_limit");
  if (provider.rate_limit.requests_per_minute) {
    write_number(out, "requests_per_minute", *provider.rate_limit.requests_per_minute);
  }
  write_duration(out, "max_hold", provider.rate_limit.max_hold);
  out.yaml << YAML::EndMap;
  write_text(out, "http_version", word_of(provider.http_version, k_http_versions));
  write_tls(out, provider.tls);
  write_proxy(out, provider.proxy);
  if (provider.server_metrics) {
    write_server_metrics(out, *provider.server_metrics);
  }
  out.yaml << YAML::Key << "models" << YAML::Value << YAML::BeginSeq;
  for (const Model& model : provider.models) {
    write_model(out, model);
  }
  out.yaml << YAML::EndSeq << YAML::EndMap;
}

void write_prompt(YamlOutput& out, const Workload& workload) {
  if (workload.prompt_file) {
    write_text(out, "prompt_file", workload.prompt_file->path);
  } else {
    write_number(out, "input_tokens", workload.input_tokens);
    write_plain(out, "language", word_of(workload.language, k_languages));
    write_number(out, "seed", workload.seed);
  }
  if (workload.system_prompt_file) {
    write_text(out, "system_prompt_file", workload.system_prompt_file->path);
  }
  write_plain(out, "prefix_cache", word_of(workload.prefix_cache, k_prefix_caches));
  write_plain(out, "context_fit", word_of(workload.context_fit, k_context_fits));
  if (workload.output_reserve) {
    write_number(out, "output_reserve", *workload.output_reserve);
  }
}

void write_expectation(YamlOutput& out, const Expectation& expectation) {
  if (expectation == Expectation()) {
    return;
  }
  begin(out, "expect");
  write_given(out, "regex", expectation.regex);
  write_boolean(out, "json", expectation.json);
  out.yaml << YAML::EndMap;
}

void write_retries(YamlOutput& out, const Retries& retries) {
  if (retries.max_retries == 0) {
    return;
  }
  begin(out, "retries");
  write_number(out, "max_retries", retries.max_retries);
  write_duration(out, "base_delay", retries.base_delay);
  write_duration(out, "max_delay", retries.max_delay);
  out.yaml << YAML::EndMap;
}

void write_workload(YamlOutput& out, const Workload& workload) {
  out.yaml << YAML::BeginMap;
  write_text(out, "name", workload.name);
  write_prompt(out, workload);
  write_number(out, "output_tokens", workload.output_tokens);
  write_boolean(out, "stream", workload.stream);
  if (workload.temperature) {
    write_plain(out, "temperature", fmt::format("{}", *workload.temperature));
  }
  write_expectation(out, workload.expect);
  write_retries(out, workload.retries);
  write_duration(out, "stall_threshold", workload.stall_threshold);
  out.yaml << YAML::EndMap;
}

void write_target(YamlOutput& out, const Target& target) {
  out.yaml << YAML::BeginMap;
  write_list(out, "providers", {target.provider.name});
  write_list(out, "models", {target.model.name});
  write_list(out, "workloads", {target.workload.name});
  write_duration(out, "interval", target.interval);
  out.yaml << YAML::Key << "timeouts" << YAML::Value << YAML::Flow << YAML::BeginMap;
  write_duration(out, "connect", target.timeouts.connect);
  write_duration(out, "first_token", target.timeouts.first_token);
  write_duration(out, "stall", target.timeouts.stall);
  write_duration(out, "total", target.timeouts.total);
  out.yaml << YAML::EndMap;
  write_number(out, "max_in_flight", target.max_in_flight);
  write_plain(out, "connection", word_of(target.connection, k_connection_policies));
  write_duration(out, "max_idle", target.max_idle);
  out.yaml << YAML::EndMap;
}

void write_sli(YamlOutput& out, const Sli& sli) {
  begin(out, "sli");
  if (sli == Sli{}) {
    write_boolean(out, "availability", true);
  }
  for (const LatencyCondition& condition : k_latency_conditions) {
    if (const auto& threshold = sli.*condition.threshold) {
      write_duration(out, condition.key, *threshold);
    }
  }
  if (sli.output_tokens_per_second_above) {
    write_plain(out, k_speed_condition, fmt::format("{}", *sli.output_tokens_per_second_above));
  }
  out.yaml << YAML::EndMap;
}

void write_match(YamlOutput& out, const SloMatch& match) {
  begin(out, "match");
  write_given(out, "provider", match.provider.value_or(""));
  write_given(out, "model", match.model.value_or(""));
  write_given(out, "workload", match.workload.value_or(""));
  out.yaml << YAML::EndMap;
}

void write_slo(YamlOutput& out, const Slo& slo) {
  out.yaml << YAML::BeginMap;
  write_text(out, "name", slo.name);
  write_plain(out, "objective", fmt::format("{}", slo.objective));
  write_sli(out, slo.sli);
  write_match(out, slo.match);
  write_duration(out, "window", slo.window);
  out.yaml << YAML::EndMap;
}

void write_web(YamlOutput& out, const Web& web) {
  begin(out, "web");
  write_list(out, "listen", web.listen);
  if (!web.allowed_hosts.empty()) {  // no list may be empty
    write_list(out, "allowed_hosts", web.allowed_hosts);
  }
  write_boolean(out, "enable_probe", web.enable_probe);
  write_boolean(out, "enable_lifecycle", web.enable_lifecycle);
  write_number(out, "probe_requests_per_minute", web.probe_requests_per_minute);
  out.yaml << YAML::EndMap;
}

void write_histograms(YamlOutput& out, const Histograms& histograms) {
  begin(out, "histograms");
  write_boolean(out, "classic", histograms.classic);
  write_boolean(out, "native", histograms.native);
  write_plain(out, "native_schema", word_of(histograms.native_schema, k_native_schemas));
  out.yaml << YAML::EndMap;
}

template <typename Item>
void write_all(YamlOutput& out, const char* key, const std::vector<Item>& items,
               void (*write)(YamlOutput&, const Item&)) {
  out.yaml << YAML::Key << key << YAML::Value << YAML::BeginSeq;
  for (const Item& item : items) {
    write(out, item);
  }
  out.yaml << YAML::EndSeq;
}

}  // namespace

std::string to_redacted_yaml(const Config& config) {
  YamlOutput out{.yaml = {}, .variables = config.variables};
  out.yaml << YAML::BeginMap;
  write_all(out, "providers", config.providers, write_provider);
  write_all(out, "workloads", config.workloads, write_workload);
  write_all(out, "probes", config.targets, write_target);
  write_web(out, config.web);
  begin(out, "trust");
  write_duration(out, "max_error", config.trust.max_error);
  out.yaml << YAML::EndMap;
  write_histograms(out, config.histograms);
  if (!config.slos.empty()) {  // no list may be empty
    write_all(out, "slos", config.slos, write_slo);
  }
  out.yaml << YAML::EndMap;
  return std::string(out.yaml.c_str(), out.yaml.size()) + "\n";
}

}  // namespace inferometer::config
