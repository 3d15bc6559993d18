#include "base/log.hpp"

#include "base/printable.hpp"
#include "base/thread/background_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <iterator>
#include <utility>

namespace inferometer::base::log {
namespace {

constexpr std::size_t k_max_value = 1024;
constexpr std::string_view k_replacement = "\uFFFD";

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return {};
}

void append_escaped(std::string_view character, std::string& result) {
  if (character == "\n") {
    result += "\\n";
  } else if (character == "\t") {
    result += "\\t";
  } else if (character == "\"" || character == "\\") {
    result.append("\\").append(character);
  } else if (const auto code = invisible_code(character)) {
    fmt::format_to(std::back_inserter(result), "\\u{:04x}", static_cast<unsigned>(*code));
  } else {
    result += character;
  }
}

/// `text` for the inside of quotes, cut if it is too long; logfmt and JSON share these escapes.
std::string escape(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = first_character(text.substr(at));
    at += character.empty() ? 1 : character.size();
    if (at > k_max_value) {
      return result + "…";
    }
    append_escaped(character.empty() ? k_replacement : character, result);
  }
  return result;
}

std::string logfmt_value(std::string_view text) {
  std::string value = escape(text);
  // Whatever was escaped left a backslash.
  if (value.empty() || value.find_first_of(" =\\") != std::string::npos) {
    return fmt::format("\"{}\"", value);
  }
  return value;
}

std::string logfmt_value(const Field& field) {
  return field.kind == Field::Kind::literal ? field.value : logfmt_value(field.value);
}

std::string json_value(const Field& field) {
  switch (field.kind) {
    case Field::Kind::text:
      return fmt::format(R"("{}")", escape(field.value));
    case Field::Kind::literal:
      return field.value;
    case Field::Kind::none:
      return "null";
  }
  return {};
}

std::string render_logfmt(Level level, std::string_view message,
                          std::initializer_list<Field> fields) {
  std::string line = fmt::format("level={} msg={}", to_string(level), logfmt_value(message));
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(line), " {}={}", field.key, logfmt_value(field));
  }
  return line;
}

std::string render_json(Level level, std::string_view message,
                        std::initializer_list<Field> fields) {
  std::string line = fmt::format(R"({{"level":"{}","msg":"{}")", to_string(level), escape(message));
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(line), R"(,"{}":{})", field.key, json_value(field));
  }
  return line + '}';
}

/// RFC 3339 in UTC, to the millisecond.
std::string timestamp(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time - whole).count();
  const std::time_t unix_time = whole.time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&unix_time, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     milliseconds);
}

std::string with_time(Format format, std::string_view line) {
  const std::string time = timestamp(system_clock().wall_now());
  switch (format) {
    case Format::logfmt:
      return fmt::format("ts={} {}", time, line);
    case Format::json:
      return fmt::format(R"({{"ts":"{}",{})", time, line.substr(1));
  }
  return {};
}

std::atomic<Format>& current_format() {
  static std::atomic<Format> format{Format::logfmt};
  return format;
}

std::atomic<Level>& current_level() {
  static std::atomic<Level> level{Level::info};
  return level;
}

std::string line_now(Level level, std::string_view message, std::initializer_list<Field> fields) {
  const Format format = current_format();
  return with_time(format, render(format, level, message, fields)) + '\n';
}

/// Whether there is a queue: a program that never logs needs none.
std::atomic<bool>& is_used() {
  static std::atomic<bool> used{false};
  return used;
}

/// Never destroyed: threads may log until the process is gone, and its thread may wait for a reader
/// that never comes.
BackgroundWriter& queue() {
  static BackgroundWriter& instance =
      *new BackgroundWriter(STDERR_FILENO, {}, [](std::uint64_t lost) {
        return line_now(Level::warn, "log lines were lost: nobody read them in time",
                        {{"lines", lost}, {"total", dropped_lines()}});
      });
  is_used() = true;
  return instance;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level >= current_level()) {
    queue().post(line_now(level, message, fields));
  }
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (text == to_string(level)) {
      return level;
    }
  }
  return fail(fmt::format("unknown log level \"{}\": use debug, info, warn or error", text));
}

Result<Format> parse_format(std::string_view text) {
  if (text == "logfmt") {
    return Format::logfmt;
  }
  if (text == "json") {
    return Format::json;
  }
  return fail(fmt::format("unknown log format \"{}\": use logfmt or json", text));
}

Field::Field(std::string_view name, Duration span)
    : key(name), value(fmt::format("{:.6f}", seconds(span))), kind(Kind::literal) {}

void configure(Level level, Format format) {
  current_format() = format;
  current_level() = level;
}

bool flush(Duration timeout) {
  return !is_used() || queue().flush(timeout);
}

std::uint64_t dropped_lines() {
  return is_used() ? queue().dropped() : 0;
}

void debug(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::debug, message, fields);
}

void info(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::info, message, fields);
}

void warn(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::warn, message, fields);
}

void error(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::error, message, fields);
}

std::string render(Format format, Level level, std::string_view message,
                   std::initializer_list<Field> fields) {
  switch (format) {
    case Format::logfmt:
      return render_logfmt(level, message, fields);
    case Format::json:
      return render_json(level, message, fields);
  }
  return {};
}

}  // namespace inferometer::base::log
