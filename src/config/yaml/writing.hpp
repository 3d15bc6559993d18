#pragma once

#include "config/config.hpp"

#include <yaml-cpp/emitter.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The pieces that every part of the redacted configuration is written with. Each key is followed
/// by its value, so that the result loads again.
namespace inferometer::config {

struct YamlOutput {
  YAML::Emitter yaml;
  const Variables& variables;  ///< whose values are written as `${NAME}`
};

/// Free text: quoted, so that it is text again whatever it holds, with `$` escaped.
void write_text(YamlOutput& out, std::string_view text);
void write_text(YamlOutput& out, const char* key, std::string_view text);

/// The same unless the text is empty, which stands for a key that is not given.
void write_given(YamlOutput& out, const char* key, std::string_view text);

/// Text of our own making, which needs no quotes.
void write_plain(YamlOutput& out, const char* key, std::string_view text);
void write_boolean(YamlOutput& out, const char* key, bool value);
void write_number(YamlOutput& out, const char* key, std::uint32_t number);
void write_duration(YamlOutput& out, const char* key, Duration duration);

void write_list(YamlOutput& out, const char* key, const std::vector<std::string>& items);

/// Opens the mapping under `key`.
void begin(YamlOutput& out, const char* key);

}  // namespace inferometer::config
