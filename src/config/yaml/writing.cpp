#include "config/yaml/writing.hpp"

#include "base/duration.hpp"
#include "config/yaml/substitute.hpp"

namespace inferometer::config {
namespace {

/// Of a shorter value, what happens to be the same text somewhere says nothing: it is taken for the
/// variable only where it is all of a text.
constexpr std::size_t k_shortest_part = 4;

/// The variable with the longest value that `text` begins with; the end if there is none.
Variables::const_iterator find_at(std::string_view text, bool whole, const Variables& variables) {
  auto longest = variables.end();
  std::size_t most = 0;
  for (auto variable = variables.begin(); variable != variables.end(); ++variable) {
    const std::string& value = variable->second.reveal();
    const bool found =
        (whole && text == value) || (value.size() >= k_shortest_part && text.starts_with(value));
    if (found && value.size() > most) {
      longest = variable;
      most = value.size();
    }
  }
  return longest;
}

/// What substitute() turns back into `text`, with no variable's value in it.
std::string hide_variables(std::string_view text, const Variables& variables) {
  std::string hidden;
  bool whole = true;
  while (!text.empty()) {
    if (const auto variable = find_at(text, whole, variables); variable != variables.end()) {
      hidden.append("${").append(variable->first).append("}");
      text.remove_prefix(variable->second.reveal().size());
    } else {
      hidden += escape_variables(text.substr(0, 1));
      text.remove_prefix(1);
    }
    whole = false;
  }
  return hidden;
}

}  // namespace

void write_text(YamlOutput& out, std::string_view text) {
  out.yaml << YAML::DoubleQuoted << hide_variables(text, out.variables);
}

void write_text(YamlOutput& out, const char* key, std::string_view text) {
  out.yaml << YAML::Key << key << YAML::Value;
  write_text(out, text);
}

void write_given(YamlOutput& out, const char* key, std::string_view text) {
  if (!text.empty()) {
    write_text(out, key, text);
  }
}

void write_plain(YamlOutput& out, const char* key, std::string_view text) {
  out.yaml << YAML::Key << key << YAML::Value << std::string(text);
}

void write_boolean(YamlOutput& out, const char* key, bool value) {
  write_plain(out, key, value ? "true" : "false");
}

void write_number(YamlOutput& out, const char* key, std::uint32_t number) {
  out.yaml << YAML::Key << key << YAML::Value << number;
}

void write_duration(YamlOutput& out, const char* key, Duration duration) {
  write_plain(out, key, base::format_duration(duration));
}

void write_list(YamlOutput& out, const char* key, const std::vector<std::string>& items) {
  out.yaml << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const std::string& item : items) {
    write_text(out, item);
  }
  out.yaml << YAML::EndSeq;
}

void begin(YamlOutput& out, const char* key) {
  out.yaml << YAML::Key << key << YAML::Value << YAML::BeginMap;
}

}  // namespace inferometer::config
