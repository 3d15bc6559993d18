#include "probe/prompt/prompt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace inferometer::probe::prompt {
namespace {

constexpr std::size_t k_characters_per_token = 4;

constexpr std::string_view k_task =
    "\n\nContinue the report above with as many further observations as you can.";

constexpr std::array k_sentences{
    std::string_view(
        "The morning ferry left the harbour on time and met a light wind from the west. "),
    std::string_view(
        "On the quay, two clerks compared the freight lists with what stood on the carts. "),
    std::string_view(
        "A survey of the northern bank found the old markers in their places, but one. "),
    std::string_view(
        "The water stood a hand lower than in the week before, and clearer at the piers. "),
    std::string_view("Near the mill the road had been mended with gravel from the upper quarry. "),
    std::string_view(
        "Three boats waited for the lock, the second of them loaded with seed and tools. "),
    std::string_view(
        "The keeper noted each passage in his book and set the lamp before it was dark. "),
    std::string_view(
        "From the hill one could count eleven chimneys, seven of which were smoking. "),
};

}  // namespace

std::string make_prompt(const config::Workload& workload, std::uint64_t nonce) {
  std::string text;
  if (workload.prefix_cache == config::PrefixCache::avoid) {
    text = fmt::format("Report {:016x}. ", nonce);
  }
  // Nonce and task stay whole however short the prompt: without the task the answer may be a word.
  const std::size_t length =
      std::max(k_characters_per_token * workload.input_tokens, text.size() + k_task.size()) -
      k_task.size();
  for (std::size_t i = 0; text.size() < length; ++i) {
    text.append(k_sentences[i % k_sentences.size()]);
  }
  text.resize(length);
  return text.append(k_task);
}

}  // namespace inferometer::probe::prompt
