#pragma once

#include <optional>
#include <string>
#include <string_view>

/// RFC 4648: the standard alphabet with padding, and the one for URLs without.
namespace inferometer::wire {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

/// No value if `text` is anything but the complete encoding of some bytes: line breaks, missing
/// padding and bits that belong to no byte are refused.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

/// The same into `bytes`, whose memory is used again; false for no value.
[[nodiscard]] bool base64_decode(std::string_view text, std::string& bytes);

}  // namespace inferometer::wire
