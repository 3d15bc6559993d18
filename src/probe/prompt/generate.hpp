#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace inferometer::probe::prompt {

/// Exactly `length` bytes of running text without line breaks: the same for the same language and
/// seed, on every host and in every release that leaves the corpus alone. All sentences come once
/// before any comes again, and each round in another order, so that long texts have no short cycle.
/// Seeds that differ by less than the number of sentences begin with different sentences.
[[nodiscard]] std::string generate_text(config::Language language, std::uint32_t seed,
                                        std::size_t length);

}  // namespace inferometer::probe::prompt
