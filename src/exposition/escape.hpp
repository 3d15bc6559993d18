#pragma once

#include <string>
#include <string_view>

namespace inferometer::exposition {

enum class Quotes { kept, escaped };

/// Appends `text` with its backslashes and newlines escaped, and its double quotes where asked.
void append_escaped(std::string& out, std::string_view text, Quotes quotes);

}  // namespace inferometer::exposition
