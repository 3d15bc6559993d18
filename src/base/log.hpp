#pragma once

#include "base/error.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

/// The daemon's log: one line an event on stderr, as logfmt or JSON, in Prometheus' manner
/// (`ts=… level=info msg="probe failed" provider=openai reason=stalled`). Thread-safe.
namespace inferometer::base::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

/// One key with its value; the value may be any text, it is quoted and escaped as needed.
/// Secrets cannot get here: they do not convert to text.
struct Field {
  std::string_view key;
  std::string value;
};

[[nodiscard]] Result<Level> parse_level(std::string_view text);
[[nodiscard]] Result<Format> parse_format(std::string_view text);

/// Call once at start-up; before it, the log is logfmt at level info.
void configure(Level level, Format format);

void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});

/// The line that is written, without the time: for `write` and its tests.
[[nodiscard]] std::string render(Format format, Level level, std::string_view message,
                                 std::initializer_list<Field> fields);

}  // namespace inferometer::base::log
