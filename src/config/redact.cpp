#include "config/redact.hpp"

#include "config/choices.hpp"
#include "config/redact_provider.hpp"
#include "config/redact_slo.hpp"
#include "config/redact_workload.hpp"
#include "config/yaml_writing.hpp"

#include <yaml-cpp/emitter.h>

namespace inferometer::config {
namespace {

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
  write_number(out, "max_in_flight", target.max_in_flight);
  write_plain(out, "connection", word_of(target.connection, k_connection_policies));
  write_duration(out, "max_idle", target.max_idle);
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

void write_web(YAML::Emitter& out, const Web& web) {
  begin(out, "web");
  write_list(out, "listen", web.listen);
  if (!web.allowed_hosts.empty()) {  // no list may be empty
    write_list(out, "allowed_hosts", web.allowed_hosts);
  }
  write_boolean(out, "enable_probe", web.enable_probe);
  write_boolean(out, "enable_lifecycle", web.enable_lifecycle);
  out << YAML::EndMap;
}

void write_histograms(YAML::Emitter& out, const Histograms& histograms) {
  begin(out, "histograms");
  write_boolean(out, "classic", histograms.classic);
  write_boolean(out, "native", histograms.native);
  write_plain(out, "native_schema", word_of(histograms.native_schema, k_native_schemas));
  out << YAML::EndMap;
}

}  // namespace

std::string to_redacted_yaml(const Config& config) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write_all(out, "providers", config.providers, write_provider);
  write_all(out, "workloads", config.workloads, write_workload);
  write_all(out, "probes", config.targets, write_target);
  write_web(out, config.web);
  begin(out, "trust");
  write_duration(out, "max_error", config.trust.max_error);
  out << YAML::EndMap;
  write_histograms(out, config.histograms);
  if (!config.slos.empty()) {  // no list may be empty
    write_all(out, "slos", config.slos, write_slo);
  }
  out << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace inferometer::config
