#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/context_fit.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Keeps input and output together within a model's context window, the output's part reserved.
namespace inferometer::probe::prompt {

/// The rule of thumb until a provider has reported how many tokens a text really had.
inline constexpr double k_characters_per_token = config::k_estimated_bytes_per_token;

/// Stands where text was cut out.
inline constexpr std::string_view k_shortened = "[… shortened …]";

/// What an input has to share. Characters are bytes of UTF-8.
struct ContextLimit {
  std::uint32_t window = 0;   ///< tokens of input and output together
  std::uint32_t reserve = 0;  ///< of these, kept for the output
  double characters_per_token = k_characters_per_token;
  std::size_t other_characters = 0;  ///< sent besides the text: system prompt, nonce
};

/// Fails if `tokens` of input do not fit, and if the window is no larger than the reserve; the
/// message names all figures.
[[nodiscard]] base::Result<void> check_context(std::uint64_t tokens, const ContextLimit& limit);

/// The text as it is where it fits. Otherwise `policy` decides: an error as of check_context, or a
/// text without its start, middle or end, with k_shortened there, that fits. Fails as well if
/// the window is no larger than the reserve, or has no room left beside `other_characters`.
[[nodiscard]] base::Result<std::string> fit_context(std::string text, const ContextLimit& limit,
                                                    config::ContextFit policy);

/// `text` without its start, middle or end, cut at characters, with k_shortened there: at most
/// `length` bytes. Fails if not even the mark fits.
/// REQUIRES: policy is not refuse; `text` is longer than `length`.
[[nodiscard]] base::Result<std::string> shorten(std::string_view text, std::size_t length,
                                                config::ContextFit policy);

}  // namespace inferometer::probe::prompt
