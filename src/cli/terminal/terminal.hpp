#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer::cli {

/// What may be sent to the terminal, if there is one.
struct Terminal {
  bool is_terminal = false;
  bool escapes = false;     ///< colours, and moving about: a terminal that is not dumb
  bool colours = false;     ///< of these, colours: not where NO_COLOR is set
  std::size_t columns = 0;  ///< 0: no limit
};

/// The terminal behind that descriptor as it is now, and as TERM, NO_COLOR (https://no-color.org:
/// set and not empty) and COLUMNS have it. Where it tells no width, it has 80 columns.
[[nodiscard]] Terminal terminal_behind(int descriptor);

/// The columns that `text`, valid UTF-8, takes on a terminal.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// `text` made printable, and cut with an ellipsis to at most so many columns; 0: no limit.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t columns);

}  // namespace inferometer::cli
