#pragma once

#include "config/config.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace inferometer::config {

/// The rule of thumb until a provider has reported how many tokens a text really had.
inline constexpr std::uint32_t k_estimated_bytes_per_token = 4;

/// The tokens that the output keeps for itself: `output_reserve`, or the workload's output_tokens.
[[nodiscard]] std::uint32_t reserve_of(const Workload& workload);

/// How many tokens a generated prompt is to have: input_tokens, or where these do not fit and the
/// policy is to truncate, what the window leaves. 0 with a prompt file.
[[nodiscard]] std::uint32_t wanted_tokens(const Target& target);

/// Why a workload can never be sent to a model.
struct Misfit {
  std::string message;  ///< with the figures, to stand behind what they are of
  std::string hint;
};

/// Whether the workload's prompts, with the reserve for the output, are longer than the model's
/// context window, so far as that is known before a tokenizer saw them: a text of the user's own is
/// taken for a token in 4 bytes. Where the workload lets prompts be cut, only the rest must fit.
[[nodiscard]] std::optional<Misfit> find_misfit(const Model& model, const Workload& workload);

}  // namespace inferometer::config
