#pragma once

#include <string>

namespace inferometer::wire {

/// Overwrites each number in a text of JSON that neither a 64-bit integer nor a double can hold
/// with a null of the same length, and says whether there was one. Such a number is good JSON (RFC
/// 8259, 6), but the parser refuses the whole document for it.
[[nodiscard]] bool blank_huge_numbers(std::string& json);

}  // namespace inferometer::wire
