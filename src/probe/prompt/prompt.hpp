#pragma once

#include "config/config.hpp"

#include <cstdint>
#include <string>

namespace inferometer::probe::prompt {

/// A prompt of about `workload.input_tokens` tokens (4 characters each), in English, that asks for
/// a long answer, so that the bound on output tokens ends it. With prefix_cache `reuse` it is the
/// same text for the same workload; with `avoid` it begins with `nonce`, so no cache can know it.
[[nodiscard]] std::string make_prompt(const config::Workload& workload, std::uint64_t nonce);

}  // namespace inferometer::probe::prompt
