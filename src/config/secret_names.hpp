#pragma once

#include <string_view>

/// Names that give a secret away, whatever their case, with - for _ or not.
namespace inferometer::config {

/// What to do instead of writing a secret under the key `name` of the configuration; empty if
/// nobody would.
[[nodiscard]] std::string_view hint_for_secret_key(std::string_view name);

/// The same for a header that carries a credential.
[[nodiscard]] std::string_view hint_for_secret_header(std::string_view name);

/// The same for a parameter of a URL's query.
[[nodiscard]] std::string_view hint_for_secret_parameter(std::string_view name);

/// Whether a header or parameter of that name might carry a secret, judged by its words: for what
/// is shown to people, not for what is refused.
[[nodiscard]] bool may_carry_secret(std::string_view name);

}  // namespace inferometer::config
