#pragma once

#include "protocol/answer/api_error.hpp"

#include <cstdint>
#include <optional>

namespace inferometer::protocol {

/// How many tokens the input had that was refused as too long, where the error says so: counted as
/// a usage report would count it, without the output. No value where the error tells another number
/// or a bound. REQUIRES: the fields are those of a context_length.
[[nodiscard]] std::optional<std::uint64_t> refused_input_tokens(const ErrorFields& fields);

}  // namespace inferometer::protocol
