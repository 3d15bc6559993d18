#include "slo/rules.hpp"

#include <yaml-cpp/emitter.h>

namespace inferometer::slo {
namespace {

constexpr const char* k_header =
    "# Written by `inferometer rules`: change the configuration, not this file.\n";

void write(YAML::Emitter& yaml, const char* key, const std::string& text) {
  yaml << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << text;
}

void write_texts(YAML::Emitter& yaml, const char* key,
                 const std::map<std::string, std::string>& texts) {
  if (texts.empty()) {
    return;
  }
  yaml << YAML::Key << key << YAML::Value << YAML::BeginMap;
  for (const auto& [name, text] : texts) {
    write(yaml, name.c_str(), text);
  }
  yaml << YAML::EndMap;
}

void write_rule(YAML::Emitter& yaml, const Rule& rule) {
  yaml << YAML::BeginMap;
  yaml << YAML::Key << (rule.kind == Rule::Kind::alert ? "alert" : "record") << YAML::Value
       << rule.name;
  yaml << YAML::Key << "expr" << YAML::Value << YAML::Literal << rule.expression;
  if (!rule.pending.empty()) {
    yaml << YAML::Key << "for" << YAML::Value << rule.pending;
  }
  write_texts(yaml, "labels", rule.labels);
  write_texts(yaml, "annotations", rule.annotations);
  yaml << YAML::EndMap;
}

void write_groups(YAML::Emitter& yaml, const std::vector<RuleGroup>& groups) {
  yaml << YAML::Key << "groups" << YAML::Value << YAML::BeginSeq;
  for (const RuleGroup& group : groups) {
    yaml << YAML::BeginMap;
    write(yaml, "name", group.name);
    if (!group.interval.empty()) {
      yaml << YAML::Key << "interval" << YAML::Value << group.interval;
    }
    yaml << YAML::Key << "rules" << YAML::Value << YAML::BeginSeq;
    for (const Rule& rule : group.rules) {
      write_rule(yaml, rule);
    }
    yaml << YAML::EndSeq << YAML::EndMap;
  }
  yaml << YAML::EndSeq;
}

std::string finish(const YAML::Emitter& yaml) {
  return k_header + std::string(yaml.c_str(), yaml.size()) + '\n';
}

}  // namespace

std::string to_rule_file(const std::vector<RuleGroup>& groups) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  write_groups(yaml, groups);
  yaml << YAML::EndMap;
  return finish(yaml);
}

std::string to_manifest(const std::vector<RuleGroup>& groups) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  yaml << YAML::Key << "apiVersion" << YAML::Value << "monitoring.coreos.com/v1";
  yaml << YAML::Key << "kind" << YAML::Value << "PrometheusRule";
  yaml << YAML::Key << "metadata" << YAML::Value << YAML::BeginMap;
  yaml << YAML::Key << "name" << YAML::Value << "inferometer-slos";
  write_texts(yaml, "labels", {{"app.kubernetes.io/name", "inferometer"}});
  yaml << YAML::EndMap;
  yaml << YAML::Key << "spec" << YAML::Value << YAML::BeginMap;
  write_groups(yaml, groups);
  yaml << YAML::EndMap << YAML::EndMap;
  return finish(yaml);
}

}  // namespace inferometer::slo
