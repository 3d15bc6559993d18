#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "probe/prompt/context_fit.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace inferometer::probe::prompt {

/// What is sent to the model.
struct Prompt {
  std::string system;  ///< empty: none
  std::string user;
};

/// A generated prompt of exactly `characters` bytes of UTF-8, in the workload's language and from
/// its seed, that ends by asking for a long answer, so that the bound on output tokens ends it.
/// With prefix_cache `reuse` it is the same text for the same length; with `avoid` it begins with
/// `nonce`, so no cache can know it. Nonce and task stay whole however short it is, so no prompt is
/// shorter than they are (20 to 56 bytes). Takes linear time.
[[nodiscard]] std::string make_prompt(const config::Workload& workload, std::size_t characters,
                                      std::uint64_t nonce);

/// The target's prompts: from its files, or generated with `characters` bytes; made to fit the
/// model's context window by the workload's policy. With prefix_cache `avoid` both begin with
/// `nonce`: a cache looks at the system prompt first. Where a generated prompt is shortened, nonce
/// and task stay, and `characters` is its length after it. `characters_per_token` is for prompt
/// files; both are Calibration's. Fails if it cannot fit.
[[nodiscard]] base::Result<Prompt> build(const config::Target& target, std::size_t characters,
                                         std::uint64_t nonce,
                                         double characters_per_token = k_characters_per_token);

}  // namespace inferometer::probe::prompt
