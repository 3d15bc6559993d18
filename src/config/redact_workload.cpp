#include "config/redact_workload.hpp"

#include "config/choices.hpp"
#include "config/yaml_writing.hpp"

#include <fmt/format.h>

namespace inferometer::config {
namespace {

void write_prompt(YAML::Emitter& out, const Workload& workload) {
  if (workload.prompt_file) {
    write_text(out, "prompt_file", workload.prompt_file->path);
  } else {
    write_number(out, "input_tokens", workload.input_tokens);
    write_plain(out, "language", word_of(workload.language, k_languages));
    write_number(out, "seed", workload.seed);
  }
  if (workload.system_prompt_file) {
    write_text(out, "system_prompt_file", workload.system_prompt_file->path);
  }
  write_plain(out, "prefix_cache", word_of(workload.prefix_cache, k_prefix_caches));
  write_plain(out, "context_fit", word_of(workload.context_fit, k_context_fits));
  if (workload.output_reserve) {
    write_number(out, "output_reserve", *workload.output_reserve);
  }
}

void write_expectation(YAML::Emitter& out, const Expectation& expectation) {
  if (expectation == Expectation()) {
    return;
  }
  begin(out, "expect");
  write_given(out, "regex", expectation.regex);
  write_boolean(out, "json", expectation.json);
  out << YAML::EndMap;
}

void write_retries(YAML::Emitter& out, const Retries& retries) {
  if (retries.max_retries == 0) {
    return;
  }
  begin(out, "retries");
  write_number(out, "max_retries", retries.max_retries);
  write_duration(out, "base_delay", retries.base_delay);
  write_duration(out, "max_delay", retries.max_delay);
  out << YAML::EndMap;
}

}  // namespace

void write_workload(YAML::Emitter& out, const Workload& workload) {
  out << YAML::BeginMap;
  write_text(out, "name", workload.name);
  write_prompt(out, workload);
  write_number(out, "output_tokens", workload.output_tokens);
  write_boolean(out, "stream", workload.stream);
  if (workload.temperature) {
    write_plain(out, "temperature", fmt::format("{}", *workload.temperature));
  }
  write_expectation(out, workload.expect);
  write_retries(out, workload.retries);
  write_duration(out, "stall_threshold", workload.stall_threshold);
  out << YAML::EndMap;
}

}  // namespace inferometer::config
