#include "base/log.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <iterator>
#include <memory>
#include <optional>

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

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::off;
}

bool in_range(char c, unsigned char low, unsigned char high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

/// One row of the well-formed UTF-8 sequences: no overlong forms, no surrogates, nothing past
/// U+10FFFF. Further bytes than the second are 80..BF. Source: the Unicode standard, table 3-7.
struct Sequence {
  unsigned char first_low, first_high, second_low, second_high;
  std::size_t length;
};
constexpr std::array<Sequence, 9> k_sequences{{{0x00, 0x7f, 0x00, 0x00, 1},
                                               {0xc2, 0xdf, 0x80, 0xbf, 2},
                                               {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                               {0xe1, 0xec, 0x80, 0xbf, 3},
                                               {0xed, 0xed, 0x80, 0x9f, 3},
                                               {0xee, 0xef, 0x80, 0xbf, 3},
                                               {0xf0, 0xf0, 0x90, 0xbf, 4},
                                               {0xf1, 0xf3, 0x80, 0xbf, 4},
                                               {0xf4, 0xf4, 0x80, 0x8f, 4}}};

bool begins_with(std::string_view text, const Sequence& sequence) {
  if (text.size() < sequence.length ||
      !in_range(text[0], sequence.first_low, sequence.first_high)) {
    return false;
  }
  if (sequence.length > 1 && !in_range(text[1], sequence.second_low, sequence.second_high)) {
    return false;
  }
  const std::string_view rest =
      text.substr(0, sequence.length).substr(std::min(sequence.length, std::size_t{2}));
  return std::all_of(rest.begin(), rest.end(), [](char c) { return in_range(c, 0x80, 0xbf); });
}

/// The first character of a non-empty text; empty if the first byte begins none.
std::string_view first_character(std::string_view text) {
  for (const Sequence& sequence : k_sequences) {
    if (begins_with(text, sequence)) {
      return text.substr(0, sequence.length);
    }
  }
  return {};
}

/// The code of a control character: C0, DEL, or C1, which terminals obey as well.
std::optional<unsigned> control_code(std::string_view character) {
  if (character.size() == 1 &&
      (in_range(character[0], 0x00, 0x1f) || in_range(character[0], 0x7f, 0x7f))) {
    return static_cast<unsigned char>(character[0]);
  }
  if (character.size() == 2 && character[0] == '\xc2' && in_range(character[1], 0x80, 0x9f)) {
    return static_cast<unsigned char>(character[1]);
  }
  return std::nullopt;
}

void append_escaped(std::string_view character, std::string& result) {
  if (character == "\n") {
    result += "\\n";
  } else if (character == "\t") {
    result += "\\t";
  } else if (character == "\"" || character == "\\") {
    result.append("\\").append(character);
  } else if (const auto code = control_code(character)) {
    fmt::format_to(std::back_inserter(result), "\\u{:04x}", *code);
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

std::string render_logfmt(Level level, std::string_view message,
                          std::initializer_list<Field> fields) {
  std::string line = fmt::format("level={} msg={}", to_string(level), logfmt_value(message));
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(line), " {}={}", field.key, logfmt_value(field.value));
  }
  return line;
}

std::string render_json(Level level, std::string_view message,
                        std::initializer_list<Field> fields) {
  std::string line = fmt::format(R"({{"level":"{}","msg":"{}")", to_string(level), escape(message));
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(line), R"(,"{}":"{}")", field.key, escape(field.value));
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

spdlog::logger& logger() {
  // Never destroyed: threads may log until the process is gone.
  static spdlog::logger& instance = *[] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    return new spdlog::logger("inferometer", std::move(sink));
  }();
  return instance;
}

std::atomic<Format>& current_format() {
  static std::atomic<Format> format{Format::logfmt};
  return format;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  const auto severity = to_spdlog(level);
  if (!logger().should_log(severity)) {
    return;
  }
  const Format format = current_format();
  logger().log(severity, with_time(format, render(format, level, message, fields)));
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

void configure(Level level, Format format) {
  current_format() = format;
  logger().set_level(to_spdlog(level));
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
