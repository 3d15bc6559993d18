#include "config/section/workload.hpp"

#include "base/duration.hpp"
#include "base/printable.hpp"
#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/read_file.hpp"
#include "config/regex.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_largest_prompt = std::size_t{1024} * 1024;
constexpr std::size_t k_most_prompt_bytes = 64 * k_largest_prompt;

/// Parses a whole number in [min, max].
auto number_within(std::uint32_t min, std::uint32_t max) {
  return [min, max](std::string_view text) { return parse_whole_number(text, min, max); };
}

Expectation read_expectation(const MappingReader& mapping) {
  Expectation expectation;
  mapping.read("regex", expectation.regex, parse_regex);
  mapping.read("json", expectation.json, parse_boolean);
  return expectation;
}

Retries read_retries(const MappingReader& mapping) {
  Retries retries;
  mapping.read("max_retries", retries.max_retries, number_within(1, 10));
  const bool has_base = mapping.read("base_delay", retries.base_delay, [](std::string_view text) {
    return parse_duration_within(text, 1ms, 1min);
  });
  const bool has_max = mapping.read("max_delay", retries.max_delay, [](std::string_view text) {
    return parse_duration_within(text, 1ms, 10min);
  });
  if (has_base && has_max && retries.max_delay < retries.base_delay) {
    mapping.problems().add(mapping.mark("max_delay"),
                           fmt::format("max_delay ({}) is shorter than base_delay ({})",
                                       base::format_duration(retries.max_delay),
                                       base::format_duration(retries.base_delay)),
                           "raise max_delay or lower base_delay");
  }
  return retries;
}

/// A prompt is generated or comes from a file: reports neither, and what belongs to the other kind.
void check_prompt(const MappingReader& mapping) {
  mapping.require_either("input_tokens", "prompt_file");
  if (mapping.find("prompt_file") == nullptr) {
    return;
  }
  static constexpr std::array<std::string_view, 3> k_of_generated{"input_tokens", "language",
                                                                  "seed"};
  for (const std::string_view key : k_of_generated) {
    if (mapping.find(key) != nullptr) {
      mapping.problems().add(
          mapping.mark(key),
          fmt::format("{} is for a prompt that is generated, but prompt_file is given", key),
          "keep one of them");
    }
  }
}

/// What is sent.
void read_prompt(const MappingReader& mapping, PromptFiles& files, Workload& workload) {
  mapping.read("input_tokens", workload.input_tokens, number_within(1, 1'000'000));
  mapping.read("language", workload.language,
               [](std::string_view text) { return parse_choice(text, k_languages); });
  mapping.read("seed", workload.seed, number_within(0, std::numeric_limits<std::uint32_t>::max()));
  const auto read_file = [&files](std::string_view path) { return files.read(path); };
  mapping.read("prompt_file", workload.prompt_file, read_file);
  mapping.read("system_prompt_file", workload.system_prompt_file, read_file);
  mapping.read("prefix_cache", workload.prefix_cache,
               [](std::string_view text) { return parse_choice(text, k_prefix_caches); });
  mapping.read("context_fit", workload.context_fit,
               [](std::string_view text) { return parse_choice(text, k_context_fits); });
  mapping.read("output_reserve", workload.output_reserve, number_within(0, 1'000'000));
  check_prompt(mapping);
}

Workload read_workload(const MappingReader& mapping, PromptFiles& files) {
  Workload workload;
  mapping.read("name", workload.name, parse_name);
  read_prompt(mapping, files, workload);
  mapping.read("output_tokens", workload.output_tokens, number_within(1, 100'000));
  mapping.read("stream", workload.stream, parse_boolean);
  mapping.read("temperature", workload.temperature,
               [](std::string_view text) { return parse_number(text, 0, 2); });
  if (const Node* node = mapping.find("expect")) {
    workload.expect = read_expectation(MappingReader(*node, schema::k_expect, mapping.problems()));
  }
  if (const Node* node = mapping.find("retries")) {
    workload.retries = read_retries(MappingReader(*node, schema::k_retries, mapping.problems()));
  }
  mapping.read("stall_threshold", workload.stall_threshold, parse_timeout);
  return workload;
}

}  // namespace

base::Result<PromptFile> PromptFiles::read(std::string_view path) {
  const auto whole = parse_path(path, m_folder);
  if (!whole) {
    return tl::make_unexpected(whole.error());
  }
  const auto known = m_known.find(*whole);
  return known == m_known.end() ? m_known.emplace(*whole, load(*whole)).first->second
                                : known->second;
}

base::Result<PromptFile> PromptFiles::load(const std::string& path) {
  auto text = read_file(path, k_largest_prompt);
  if (!text) {
    return base::fail("it cannot be read: " + text.error().message);
  }
  if (text->empty()) {
    return base::fail("it is empty: write the prompt into it");
  }
  if (const std::size_t at = base::find_invalid_utf8(*text); at != std::string_view::npos) {
    return base::fail(
        fmt::format("its byte {} is not valid UTF-8: save it in the encoding UTF-8", at + 1));
  }
  if (text->size() > k_most_prompt_bytes - m_bytes) {
    return base::fail(
        fmt::format("with it, the prompt files hold more than {} bytes: split the "
                    "configuration over several daemons",
                    k_most_prompt_bytes));
  }
  m_bytes += text->size();
  return PromptFile{path, *std::move(text)};
}

std::vector<Workload> read_workloads(const MappingReader& file, PromptFiles& prompt_files) {
  std::vector<Workload> workloads;
  Names names("workload", file.problems());
  file.each("workloads", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_workload, file.problems());
    Workload workload = read_workload(mapping, prompt_files);
    if (!workload.name.empty() && names.add(workload.name, mapping.mark("name"))) {
      workloads.push_back(std::move(workload));
    }
  });
  return workloads;
}

}  // namespace inferometer::config
