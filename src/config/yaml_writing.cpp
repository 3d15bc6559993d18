#include "config/yaml_writing.hpp"

#include "base/duration.hpp"
#include "config/substitute.hpp"

namespace inferometer::config {

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

void write_plain(YAML::Emitter& out, const char* key, std::string_view text) {
  out << YAML::Key << key << YAML::Value << std::string(text);
}

void write_boolean(YAML::Emitter& out, const char* key, bool value) {
  write_plain(out, key, value ? "true" : "false");
}

void write_number(YAML::Emitter& out, const char* key, std::uint32_t number) {
  out << YAML::Key << key << YAML::Value << number;
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

}  // namespace inferometer::config
