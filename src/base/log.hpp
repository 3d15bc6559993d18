#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The daemon's log: one line an event on stderr, as logfmt or JSON, in Prometheus' manner (`ts=…
/// level=info msg="probe failed" provider=openai reason=stalled`). Thread-safe. Lines are written
/// on a thread of the log's own, so that no caller waits for their reader: where they are not read
/// in time, up to 8,192 lines and 8 MiB wait, and what comes then is lost and counted.
namespace inferometer::base::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

/// One key with its value. Text is quoted and escaped as needed; numbers and booleans are such in
/// JSON, spans of time are seconds, and what has no value is null there and empty in logfmt.
/// Secrets cannot get here: they do not convert to text.
struct Field {
  enum class Kind { text, literal, none };

  Field(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(text) {}
  Field(std::string_view name, Duration span);
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Field(std::string_view name, Number number)
      : key(name), value(std::to_string(number)), kind(Kind::literal) {}
  template <std::same_as<bool> Flag>
  Field(std::string_view name, Flag flag)
      : key(name), value(flag ? "true" : "false"), kind(Kind::literal) {}
  template <typename Value>
  Field(std::string_view name, const std::optional<Value>& maybe)
      : Field(maybe ? Field(name, *maybe) : Field(name, "")) {
    kind = maybe ? kind : Kind::none;
  }

  std::string_view key;
  std::string value;  ///< as it is written but for quotes and escapes
  Kind kind = Kind::text;
};

[[nodiscard]] Result<Level> parse_level(std::string_view text);
[[nodiscard]] Result<Format> parse_format(std::string_view text);

/// Call once at start-up; before it, the log is logfmt at level info.
void configure(Level level, Format format);

/// Waits until all that was logged is written; false if it is not within `timeout`, as where the
/// descriptor is not read. Call before the process ends: lines that still wait then are lost.
[[nodiscard]] bool flush(Duration timeout = std::chrono::seconds(1));

/// The lines that were lost because they were not read in time, or the descriptor refused them.
[[nodiscard]] std::uint64_t dropped_lines();

void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});

/// The line that is written, without the time and the line's end.
[[nodiscard]] std::string render(Format format, Level level, std::string_view message,
                                 std::initializer_list<Field> fields);

}  // namespace inferometer::base::log
