#include "cli/terminal/terminal.hpp"

#include "base/printable.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace inferometer::cli {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::size_t> columns_variable() {
  const std::string_view text = variable("COLUMNS");
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  const bool good = error == std::errc() && end == text.data() + text.size() && columns > 0;
  return good ? std::optional(columns) : std::nullopt;
}

std::size_t columns_of_terminal(int descriptor) {
  constexpr std::size_t k_usual = 80;
  winsize size{};
  const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : k_usual;
}

/// Whether a character of three or four bytes is wide: of the scripts of East Asia, or an emoji
/// (Unicode's East_Asian_Width, by blocks). Below U+1100 none is.
bool is_wide(std::string_view character) {
  struct Range {
    std::string_view first, last;
  };
  // Well-formed UTF-8 sorts as its code points do.
  static constexpr std::array<Range, 8> k_wide{{{"\u1100", "\u115F"},
                                                {"\u2E80", "\uA4CF"},
                                                {"\uAC00", "\uD7A3"},
                                                {"\uF900", "\uFAFF"},
                                                {"\uFE30", "\uFE6F"},
                                                {"\uFF00", "\uFF60"},
                                                {"\U0001F300", "\U0001FAFF"},
                                                {"\U00020000", "\U0003FFFD"}}};
  for (const Range& range : k_wide) {
    if (character >= range.first && character <= range.last) {
      return true;
    }
  }
  return false;
}

std::size_t width_of_character(std::string_view character) {
  return is_wide(character) ? 2 : 1;
}

/// As many characters of `text` as fit into so many columns.
std::string_view fitting(std::string_view text, std::size_t columns) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::string_view character = base::first_character(text.substr(size));
    const std::size_t width = width_of_character(character);
    if (width > columns) {
      break;
    }
    columns -= width;
    size += character.size();
  }
  return text.substr(0, size);
}

}  // namespace

Terminal terminal_behind(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) != 0;
  terminal.escapes = terminal.is_terminal && variable("TERM") != "dumb";
  terminal.colours = terminal.escapes && variable("NO_COLOR").empty();
  if (const auto columns = columns_variable()) {
    terminal.columns = *columns;
  } else if (terminal.is_terminal) {
    terminal.columns = columns_of_terminal(descriptor);
  }
  return terminal;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view character = base::first_character(text);
    width += width_of_character(character);
    text.remove_prefix(character.empty() ? 1 : character.size());
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t columns) {
  std::string shown = base::printable(text);
  if (columns == 0 || width_of(shown) <= columns) {
    return shown;
  }
  return std::string(fitting(shown, columns - 1)) + "…";
}

}  // namespace inferometer::cli
