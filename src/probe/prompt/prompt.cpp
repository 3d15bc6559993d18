#include "probe/prompt/prompt.hpp"

#include "config/context_fit.hpp"
#include "probe/prompt/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace inferometer::probe::prompt {
namespace {

using base::Result;

constexpr std::string_view k_gap = "\n\n";

struct Wording {
  std::string_view report;  ///< what the nonce is the number of
  std::string_view task;
  std::string_view short_task;  ///< where the task would be most of the prompt
};

Wording wording_of(config::Language language) {
  switch (language) {
    case config::Language::english:
      return {"Report",
              "Continue the report above in English: write one long, continuous text with as many "
              "further observations as you can, and do not stop by yourself.",
              "Write a long report."};
    case config::Language::german:
      return {"Bericht",
              "Setze den Bericht oben auf Deutsch fort: Schreibe einen langen, zusammenhängenden "
              "Text mit so vielen weiteren Beobachtungen, wie du kannst, und höre nicht von selbst "
              "auf.",
              "Schreibe einen langen Bericht."};
  }
  return {};
}

/// What stands before a text, so that it is new to every prefix cache; nothing if it need not be.
std::string opening(const config::Workload& workload, std::uint64_t nonce, std::string_view gap) {
  return workload.prefix_cache == config::PrefixCache::avoid
             ? fmt::format("{} {:016x}.{}", wording_of(workload.language).report, nonce, gap)
             : std::string();
}

std::string_view task_for(config::Language language, std::size_t characters) {
  constexpr std::size_t k_most_share = 4;
  const Wording wording = wording_of(language);
  return characters >= k_most_share * wording.task.size() ? wording.task : wording.short_task;
}

/// A prompt of `characters` bytes, less a few for a cut character, whose text is generated with
/// `cut_out` bytes more and shortened by the workload's policy.
Result<std::string> generate(const config::Workload& workload, std::size_t characters,
                             std::size_t cut_out, std::uint64_t nonce) {
  std::string prompt = opening(workload, nonce, " ");
  const std::string_view task = task_for(workload.language, characters);
  const std::size_t room = characters - std::min(characters, prompt.size() + task.size());
  const std::size_t gap = std::min(room, k_gap.size());
  const std::size_t length = room - gap;
  std::string text = generate_text(workload.language, workload.seed, length + cut_out);
  if (cut_out > 0) {
    Result<std::string> shortened = shorten(text, length, workload.context_fit);
    if (!shortened) {
      return shortened;
    }
    text = *std::move(shortened);
  }
  prompt.reserve(characters);
  return prompt.append(text).append(k_gap.substr(0, gap)).append(task);
}

Result<Prompt> build_generated(const config::Target& target, const ContextLimit& limit,
                               std::size_t characters, std::uint64_t nonce) {
  const std::uint32_t wanted = config::wanted_tokens(target);
  if (target.model.context_window) {
    // Its length is not checked: calibration adjusts it until the provider counts the tokens asked
    // for.
    if (Result<void> fits = check_context(wanted, limit); !fits) {
      return tl::make_unexpected(fits.error());
    }
  }
  const double excess =
      wanted == 0 ? 0 : static_cast<double>(target.workload.input_tokens - wanted) / wanted;
  const auto cut_out = static_cast<std::size_t>(excess * static_cast<double>(characters));
  Result<std::string> user = generate(target.workload, characters, cut_out, nonce);
  if (!user) {
    return tl::make_unexpected(std::move(user.error()));
  }
  return Prompt{.system = {}, .user = *std::move(user)};
}

Result<Prompt> build_from_file(const config::Target& target, ContextLimit limit,
                               std::uint64_t nonce) {
  const std::string& text = target.workload.prompt_file->text;
  Prompt prompt{.system = {}, .user = opening(target.workload, nonce, k_gap)};
  if (!target.model.context_window) {
    prompt.user.append(text);
    return prompt;
  }
  limit.other_characters += prompt.user.size();
  Result<std::string> fitted = fit_context(text, limit, target.workload.context_fit);
  if (!fitted) {
    return tl::make_unexpected(std::move(fitted.error()));
  }
  prompt.user.append(*fitted);
  return prompt;
}

}  // namespace

std::string make_prompt(const config::Workload& workload, std::size_t characters,
                        std::uint64_t nonce) {
  return *generate(workload, characters, 0, nonce);
}

Result<Prompt> build(const config::Target& target, std::size_t characters, std::uint64_t nonce,
                     double characters_per_token) {
  const config::Workload& workload = target.workload;
  std::string system;
  if (workload.system_prompt_file) {
    system = opening(workload, nonce, k_gap).append(workload.system_prompt_file->text.str());
  }
  const ContextLimit limit{.window = target.model.context_window.value_or(0),
                           .reserve = config::reserve_of(workload),
                           .characters_per_token = characters_per_token,
                           .other_characters = system.size()};
  Result<Prompt> prompt = workload.prompt_file ? build_from_file(target, limit, nonce)
                                               : build_generated(target, limit, characters, nonce);
  if (prompt) {
    prompt->system = std::move(system);
  }
  return prompt;
}

}  // namespace inferometer::probe::prompt
