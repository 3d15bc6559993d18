#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Text of others: whether it is text, and made fit to be shown on a terminal, in a log, in a
/// message.
namespace inferometer::base {

/// The first character of a non-empty text in UTF-8; empty if the first byte begins none.
[[nodiscard]] std::string_view first_character(std::string_view text);

/// The code of a character that is obeyed rather than shown: a control character (C0, DEL and C1),
/// a line or paragraph separator, or a mark that changes the direction of the text around it. None
/// for all others.
[[nodiscard]] std::optional<char32_t> invisible_code(std::string_view character);

/// `text` as valid UTF-8 that no terminal obeys: what has an invisible_code() is written as
/// `\u001b`, bytes that are not UTF-8 become U+FFFD. Line feeds and tabs stay.
[[nodiscard]] std::string printable(std::string_view text);

/// The beginning of `text` as one line of valid UTF-8 that no terminal obeys, of at most
/// `max_bytes` and cut between two characters: what has an invisible_code() becomes a blank, bytes
/// that are not UTF-8 become `?`.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t max_bytes);

/// The offset of the first byte that is no part of valid UTF-8 (RFC 3629: no surrogates, no
/// overlong forms), or npos.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text);

/// Whether valid UTF-8 text holds a control character: C0, DEL or C1.
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace inferometer::base
