#pragma once

#include <span>
#include <string_view>

/// The sentences that prompts are made of: ours, all different, each with its full stop and without
/// space around it. Which sentence stands where is part of what a seed means, so a change here
/// changes every generated prompt.
namespace inferometer::probe::prompt {

[[nodiscard]] std::span<const std::string_view> english_sentences();
[[nodiscard]] std::span<const std::string_view> german_sentences();

}  // namespace inferometer::probe::prompt
