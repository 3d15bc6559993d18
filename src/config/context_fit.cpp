#include "config/context_fit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace inferometer::config {
namespace {

/// Adds up what stands in the context window, and names each part by its key.
class Sum {
 public:
  void add(std::string_view key, std::uint64_t tokens) {
    m_parts.push_back(fmt::format("{} ({})", key, tokens));
    m_tokens += tokens;
  }

  void add_estimate(std::string_view key, const PromptFile& file) {
    const std::uint64_t tokens =
        (file.text.size() + k_estimated_bytes_per_token - 1) / k_estimated_bytes_per_token;
    m_parts.push_back(fmt::format("{} (about {} tokens, estimated as bytes / {})", key, tokens,
                                  k_estimated_bytes_per_token));
    m_tokens += tokens;
  }

  [[nodiscard]] std::uint64_t tokens() const { return m_tokens; }
  [[nodiscard]] std::string describe() const {
    return fmt::format("{}", fmt::join(m_parts, " + "));
  }

 private:
  std::vector<std::string> m_parts;
  std::uint64_t m_tokens = 0;
};

/// All but the prompt.
void add_rest(const Workload& workload, Sum& sum) {
  // A generated prompt is made so long that input_tokens is what both have together.
  if (workload.prompt_file && workload.system_prompt_file) {
    sum.add_estimate("system_prompt_file", *workload.system_prompt_file);
  }
  sum.add(workload.output_reserve ? "output_reserve" : "output_tokens", reserve_of(workload));
}

}  // namespace

std::uint32_t reserve_of(const Workload& workload) {
  return workload.output_reserve.value_or(workload.output_tokens);
}

std::uint32_t wanted_tokens(const Target& target) {
  const Workload& workload = target.workload;
  const std::uint32_t window = target.model.context_window.value_or(0);
  const std::uint32_t reserve = reserve_of(workload);
  if (workload.prompt_file) {
    return 0;
  }
  return workload.context_fit == ContextFit::refuse || window <= reserve
             ? workload.input_tokens
             : std::min(workload.input_tokens, window - reserve);
}

std::optional<Misfit> find_misfit(const Model& model, const Workload& workload) {
  if (!model.context_window) {
    return std::nullopt;
  }
  Sum sum;
  if (workload.context_fit != ContextFit::refuse) {
    add_rest(workload, sum);
    if (sum.tokens() < *model.context_window) {
      return std::nullopt;
    }
    return Misfit{fmt::format("the context_window ({}) leaves no room for the prompt beside {}",
                              *model.context_window, sum.describe()),
                  "lower the reserve for the output"};
  }
  if (workload.prompt_file) {
    sum.add_estimate("prompt_file", *workload.prompt_file);
  } else {
    sum.add("input_tokens", workload.input_tokens);
  }
  add_rest(workload, sum);
  if (sum.tokens() <= *model.context_window) {
    return std::nullopt;
  }
  return Misfit{fmt::format("the context_window ({}) is exceeded by {}", *model.context_window,
                            sum.describe()),
                "shorten the prompt, lower the reserve for the output, or truncate the prompt by "
                "context_fit"};
}

}  // namespace inferometer::config
