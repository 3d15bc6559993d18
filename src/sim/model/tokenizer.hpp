#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace inferometer::sim {

/// How the simulated model counts a prompt: so many bytes a token, after the tokens of its chat
/// template, which are the same for every prompt.
struct Tokenizer {
  double bytes_per_token = 4;
  std::uint32_t template_tokens = 0;

  /// The tokens of a prompt of that many bytes.
  [[nodiscard]] std::uint64_t count(std::size_t bytes) const {
    return template_tokens +
           static_cast<std::uint64_t>(std::ceil(static_cast<double>(bytes) / bytes_per_token));
  }

  /// Where in the prompt's bytes the token with that index begins; those of the template begin at
  /// its first byte.
  [[nodiscard]] std::size_t offset(std::uint64_t token) const {
    const std::uint64_t own = token > template_tokens ? token - template_tokens : 0;
    return static_cast<std::size_t>(static_cast<double>(own) * bytes_per_token);
  }
};

}  // namespace inferometer::sim
