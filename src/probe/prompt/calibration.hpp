#pragma once

#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "probe/prompt/length_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace inferometer::probe::prompt {

/// How long the prompts of each target must be, learnt from the providers' own counts. Survives a
/// reload. The goal is `wanted_tokens`, counted as the provider counts its whole input: with the
/// system prompt and whatever its template adds. Thread-safe.
class Calibration {
 public:
  /// The length in bytes of the prompt to generate now; 0 with a prompt file. Begins anew where
  /// wanted tokens, language, prefix_cache or system prompt are no longer what they were.
  [[nodiscard]] std::size_t characters_for(const config::Target& target) EXCLUDES(m_mutex);

  /// How many bytes a token of the target's input has on average; 4 until something was learnt.
  [[nodiscard]] double characters_per_token(const config::TargetKey& key) const EXCLUDES(m_mutex);

  /// Takes the provider's count of input tokens for a prompt of `characters` bytes
  /// (Prompt::user's). Does nothing for a target that was never asked for.
  void learn(const config::TargetKey& key, std::size_t characters, std::uint64_t tokens)
      EXCLUDES(m_mutex);

  /// Takes that a prompt of `characters` bytes was refused as too long, with the provider's count
  /// of the input where it told one, which is then learnt like any other. Does nothing for a target
  /// that was never asked for, and for a prompt file that is not to be cut.
  void learn_refusal(const config::TargetKey& key, std::size_t characters,
                     std::optional<std::uint64_t> tokens) EXCLUDES(m_mutex);

  /// Forgets all targets but these.
  void keep(std::span<const config::TargetKey> keys) EXCLUDES(m_mutex);

 private:
  mutable base::Mutex m_mutex;
  std::map<config::TargetKey, LengthLoop> m_loops GUARDED_BY(m_mutex);
};

}  // namespace inferometer::probe::prompt
