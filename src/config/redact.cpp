#include "config/redact.hpp"

#include "base/duration.hpp"
#include "config/choices.hpp"
#include "config/substitute.hpp"
#include "config/values.hpp"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include <string_view>

namespace inferometer::config {
namespace {

/// Free text: quoted, so that it is text again whatever it holds, with `$` escaped.
void write_text(YAML::Emitter& out, std::string_view text) {
  out << YAML::DoubleQuoted << escape_variables(text);
}

void write_text(YAML::Emitter& out, const char* key, std::string_view text) {
  out << YAML::Key << key << YAML::Value;
  write_text(out, text);
}

void write_given(YAML::Emitter& out, const char* key, std::string_view text) {
  if (!text.empty()) {
    write_text(out, key, text);
  }
}

/// Text of our own making, which needs no quotes.
void write_plain(YAML::Emitter& out, const char* key, std::string_view text) {
  out << YAML::Key << key << YAML::Value << std::string(text);
}

void write_duration(YAML::Emitter& out, const char* key, Duration duration) {
  write_plain(out, key, base::format_duration(duration));
}

void write_list(YAML::Emitter& out, const char* key, const std::vector<std::string>& items) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const std::string& item : items) {
    write_text(out, item);
  }
  out << YAML::EndSeq;
}

void begin(YAML::Emitter& out, const char* key) {
  out << YAML::Key << key << YAML::Value << YAML::BeginMap;
}

void write_secret_ref(YAML::Emitter& out, const SecretRef& secret, const char* variable_key,
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

void write_headers(YAML::Emitter& out, const std::map<std::string, std::string>& headers) {
  begin(out, "headers");
  for (const auto& [name, value] : headers) {
    out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value;
    write_text(out, smells_of_secret(name) ? "<secret>" : value);
  }
  out << YAML::EndMap;
}

void write_tls(YAML::Emitter& out, const Tls& tls) {
  begin(out, "tls");
  write_given(out, "ca_file", tls.ca_file);
  write_given(out, "cert_file", tls.cert_file);
  write_given(out, "key_file", tls.key_file);
  write_given(out, "server_name", tls.server_name);
  write_plain(out, "insecure_skip_verify", tls.insecure_skip_verify ? "true" : "false");
  out << YAML::EndMap;
}

void write_proxy(YAML::Emitter& out, const Proxy& proxy) {
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
  out << YAML::EndMap;
}

void write_provider(YAML::Emitter& out, const Provider& provider) {
  out << YAML::BeginMap;
  write_text(out, "name", provider.name);
  write_text(out, "protocol", provider.protocol);
  write_text(out, "base_url", provider.base_url);
  begin(out, "auth");
  if (const auto* bearer = std::get_if<BearerAuth>(&provider.auth)) {
    write_secret_ref(out, bearer->token, "bearer_env", "bearer_file");
  }
  out << YAML::EndMap;
  write_headers(out, provider.headers);
  write_text(out, "max_tokens_parameter", provider.max_tokens_parameter);
  write_text(out, "http_version", word_of(provider.http_version, k_http_versions));
  write_tls(out, provider.tls);
  write_proxy(out, provider.proxy);
  out << YAML::Key << "models" << YAML::Value << YAML::BeginSeq;
  for (const Model& model : provider.models) {
    out << YAML::Flow << YAML::BeginMap;
    write_text(out, "name", model.name);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
}

void write_workload(YAML::Emitter& out, const Workload& workload) {
  out << YAML::BeginMap;
  write_text(out, "name", workload.name);
  out << YAML::Key << "input_tokens" << YAML::Value << workload.input_tokens;
  out << YAML::Key << "output_tokens" << YAML::Value << workload.output_tokens;
  write_plain(out, "prefix_cache", word_of(workload.prefix_cache, k_prefix_caches));
  if (workload.temperature) {
    write_plain(out, "temperature", fmt::format("{}", *workload.temperature));
  }
  write_duration(out, "stall_threshold", workload.stall_threshold);
  out << YAML::EndMap;
}

void write_target(YAML::Emitter& out, const Target& target) {
  out << YAML::BeginMap;
  write_list(out, "providers", {target.provider.name});
  write_list(out, "models", {target.model.name});
  write_list(out, "workloads", {target.workload.name});
  write_duration(out, "interval", target.interval);
  out << YAML::Key << "timeouts" << YAML::Value << YAML::Flow << YAML::BeginMap;
  write_duration(out, "connect", target.timeouts.connect);
  write_duration(out, "first_token", target.timeouts.first_token);
  write_duration(out, "stall", target.timeouts.stall);
  write_duration(out, "total", target.timeouts.total);
  out << YAML::EndMap;
  out << YAML::Key << "max_in_flight" << YAML::Value << target.max_in_flight;
  write_plain(out, "connection", word_of(target.connection, k_connection_policies));
  out << YAML::EndMap;
}

template <typename Item>
void write_all(YAML::Emitter& out, const char* key, const std::vector<Item>& items,
               void (*write)(YAML::Emitter&, const Item&)) {
  out << YAML::Key << key << YAML::Value << YAML::BeginSeq;
  for (const Item& item : items) {
    write(out, item);
  }
  out << YAML::EndSeq;
}

}  // namespace

std::string to_redacted_yaml(const Config& config) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write_all(out, "providers", config.providers, write_provider);
  write_all(out, "workloads", config.workloads, write_workload);
  write_all(out, "probes", config.targets, write_target);
  begin(out, "web");
  write_list(out, "listen", config.web.listen);
  out << YAML::EndMap;
  begin(out, "trust");
  write_duration(out, "max_event_loop_lag", config.trust.max_event_loop_lag);
  out << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace inferometer::config
