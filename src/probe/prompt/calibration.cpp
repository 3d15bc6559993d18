#include "probe/prompt/calibration.hpp"

#include "base/hash.hpp"
#include "config/context_fit.hpp"
#include "probe/prompt/context_fit.hpp"

#include <string_view>
#include <utility>

namespace inferometer::probe::prompt {
namespace {

using config::ContextFit;

LengthLoop::Goal goal_of(const config::Target& target) {
  const config::Workload& workload = target.workload;
  const std::string_view system =
      workload.system_prompt_file ? std::string_view(workload.system_prompt_file->text) : "";
  return {.tokens = config::wanted_tokens(target),
          .language = workload.language,
          .system_size = system.size(),
          .system_hash = base::fnv1a(system),
          .varies = workload.prefix_cache == config::PrefixCache::avoid,
          .truncates = target.model.context_window && workload.context_fit != ContextFit::refuse};
}

}  // namespace

std::size_t Calibration::characters_for(const config::Target& target) {
  const LengthLoop::Goal goal = goal_of(target);
  const base::LockGuard lock(m_mutex);
  LengthLoop& loop = m_loops.try_emplace(target.key(), goal).first->second;
  if (loop.goal() != goal) {
    loop = LengthLoop(goal);
  }
  return loop.characters();
}

double Calibration::characters_per_token(const config::TargetKey& key) const {
  const base::LockGuard lock(m_mutex);
  const auto found = m_loops.find(key);
  return found == m_loops.end() ? k_characters_per_token : found->second.characters_per_token();
}

void Calibration::learn(const config::TargetKey& key, std::size_t characters,
                        std::uint64_t tokens) {
  const base::LockGuard lock(m_mutex);
  if (const auto found = m_loops.find(key); found != m_loops.end()) {
    found->second.learn(characters, tokens);
  }
}

void Calibration::learn_refusal(const config::TargetKey& key, std::size_t characters,
                                std::optional<std::uint64_t> tokens) {
  const base::LockGuard lock(m_mutex);
  const auto found = m_loops.find(key);
  if (found == m_loops.end() || found->second.goal().is_fixed()) {
    return;
  }
  if (tokens) {
    found->second.learn(characters, *tokens);
  } else {
    found->second.refuse(characters);
  }
}

void Calibration::keep(std::span<const config::TargetKey> keys) {
  const base::LockGuard lock(m_mutex);
  std::map<config::TargetKey, LengthLoop> kept;
  for (const config::TargetKey& key : keys) {
    if (auto node = m_loops.extract(key)) {
      kept.insert(std::move(node));
    }
  }
  m_loops = std::move(kept);
}

}  // namespace inferometer::probe::prompt
