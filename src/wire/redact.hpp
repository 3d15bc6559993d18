#pragma once

#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace inferometer::wire {

/// `text`, which a server sent back, with `<secret>` in place of each occurrence of the secret: as
/// it is, percent-encoded in upper or lower case, and in base64 of either alphabet, also where it
/// is a part of what was encoded. A secret of fewer than four bytes is left alone: it would match
/// ordinary text, and protects nothing.
[[nodiscard]] std::string redact(std::string_view text, const base::Secret& secret);

}  // namespace inferometer::wire
