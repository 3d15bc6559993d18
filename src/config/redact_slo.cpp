#include "config/redact_slo.hpp"

#include "config/choices.hpp"
#include "config/yaml_writing.hpp"

#include <fmt/format.h>

namespace inferometer::config {
namespace {

void write_sli(YAML::Emitter& out, const Sli& sli) {
  begin(out, "sli");
  const std::string key(word_of(sli.kind, k_sli_kinds));
  if (sli.kind == SliKind::availability) {
    write_boolean(out, key.c_str(), true);
  } else {
    write_duration(out, key.c_str(), sli.threshold);
  }
  out << YAML::EndMap;
}

void write_match(YAML::Emitter& out, const SloMatch& match) {
  begin(out, "match");
  write_given(out, "provider", match.provider.value_or(""));
  write_given(out, "model", match.model.value_or(""));
  write_given(out, "workload", match.workload.value_or(""));
  out << YAML::EndMap;
}

}  // namespace

void write_slo(YAML::Emitter& out, const Slo& slo) {
  out << YAML::BeginMap;
  write_text(out, "name", slo.name);
  write_plain(out, "objective", fmt::format("{}", slo.objective));
  write_sli(out, slo.sli);
  write_match(out, slo.match);
  out << YAML::EndMap;
}

}  // namespace inferometer::config
