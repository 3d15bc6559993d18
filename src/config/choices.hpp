#pragma once

#include "base/error.hpp"
#include "config/config.hpp"

#include <array>
#include <string_view>

/// The words of closed choices: one table for reading and for writing.
namespace inferometer::config {

template <typename Value>
struct Choice {
  std::string_view word;
  Value value;
};

inline constexpr std::array<Choice<ConnectionPolicy>, 2> k_connection_policies{
    {{"fresh", ConnectionPolicy::fresh}, {"reuse", ConnectionPolicy::reuse}}};

inline constexpr std::array<Choice<HttpVersion>, 3> k_http_versions{
    {{"auto", HttpVersion::automatic}, {"1.1", HttpVersion::http_1_1}, {"2", HttpVersion::http_2}}};

inline constexpr std::array<Choice<PrefixCache>, 2> k_prefix_caches{
    {{"avoid", PrefixCache::avoid}, {"reuse", PrefixCache::reuse}}};

inline constexpr std::array<Choice<Language>, 2> k_languages{
    {{"en", Language::english}, {"de", Language::german}}};

inline constexpr std::array<Choice<ContextFit>, 4> k_context_fits{
    {{"refuse", ContextFit::refuse},
     {"truncate_start", ContextFit::truncate_start},
     {"truncate_middle", ContextFit::truncate_middle},
     {"truncate_end", ContextFit::truncate_end}}};

inline constexpr std::array<Choice<ServerKind>, 6> k_server_kinds{
    {{"vllm", ServerKind::vllm},
     {"sglang", ServerKind::sglang},
     {"tgi", ServerKind::tgi},
     {"llamacpp", ServerKind::llamacpp},
     {"trtllm", ServerKind::trtllm},
     {"triton", ServerKind::triton}}};

/// Whose credentials a process in AWS or Azure has.
enum class AwsCredentials { web_identity, pod_identity, instance };
enum class AzureCredentials { managed_identity, workload_identity };

inline constexpr std::array<Choice<AwsCredentials>, 3> k_aws_credentials{
    {{"web-identity", AwsCredentials::web_identity},
     {"pod-identity", AwsCredentials::pod_identity},
     {"instance", AwsCredentials::instance}}};

inline constexpr std::array<Choice<AzureCredentials>, 2> k_azure_credentials{
    {{"managed-identity", AzureCredentials::managed_identity},
     {"workload-identity", AzureCredentials::workload_identity}}};

inline constexpr std::array<Choice<int>, 2> k_native_schemas{{{"3", 3}, {"5", 5}}};

inline constexpr std::array<Choice<std::string_view>, 2> k_max_tokens_parameters{
    {{"max_completion_tokens", "max_completion_tokens"}, {"max_tokens", "max_tokens"}}};

/// The value of `word`. The error is empty: what the key expects names all words.
template <typename Choices>
[[nodiscard]] auto parse_choice(std::string_view word, const Choices& choices)
    -> base::Result<decltype(choices.front().value)> {
  for (const auto& choice : choices) {
    if (choice.word == word) {
      return choice.value;
    }
  }
  return base::fail("");
}

/// The word of `value`. REQUIRES: it has one.
template <typename Choices, typename Value>
[[nodiscard]] std::string_view word_of(const Value& value, const Choices& choices) {
  for (const auto& choice : choices) {
    if (choice.value == value) {
      return choice.word;
    }
  }
  return {};
}

}  // namespace inferometer::config
