#pragma once

#include <cstddef>
#include <string_view>

namespace inferometer::config {

/// The offset of the first byte that is no part of valid UTF-8 (RFC 3629: no surrogates, no
/// overlong forms), or npos.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text);

/// Whether valid UTF-8 text holds a control character: C0, DEL or C1.
[[nodiscard]] bool has_control_character(std::string_view text);

}  // namespace inferometer::config
