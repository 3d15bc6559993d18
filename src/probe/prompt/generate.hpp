#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace inferometer::probe::prompt {

/// Exactly `length` bytes of running text without line breaks: the same for the same language and
/// seed, on every host and in every release that leaves the corpus alone. All sentences come once
/// before any comes again, and each round in another order, so that long texts have no short cycle.
/// Seeds that differ by less than the number of sentences begin with different sentences.
[[nodiscard]] std::string generate_text(config::Language language, std::uint32_t seed,
                                        std::size_t length);

// The sentences that prompts are made of: ours, all different, each with its full stop and without
// space around it. Which sentence stands where is part of what a seed means, so a change here
// changes every generated prompt.
[[nodiscard]] std::span<const std::string_view> english_sentences();
[[nodiscard]] std::span<const std::string_view> german_sentences();

}  // namespace inferometer::probe::prompt
