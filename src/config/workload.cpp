#include "config/workload.hpp"

#include "config/choices.hpp"
#include "config/names.hpp"
#include "config/values.hpp"

#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

Workload read_workload(const MappingReader& mapping) {
  Workload workload;
  mapping.read("name", workload.name, parse_name);
  mapping.read("input_tokens", workload.input_tokens,
               [](std::string_view text) { return parse_whole_number(text, 1, 1'000'000); });
  mapping.read("output_tokens", workload.output_tokens,
               [](std::string_view text) { return parse_whole_number(text, 1, 100'000); });
  mapping.read("prefix_cache", workload.prefix_cache,
               [](std::string_view text) { return parse_choice(text, k_prefix_caches); });
  mapping.read("temperature", workload.temperature,
               [](std::string_view text) { return parse_number(text, 0, 2); });
  mapping.read("stall_threshold", workload.stall_threshold, parse_timeout);
  return workload;
}

}  // namespace

std::vector<Workload> read_workloads(const MappingReader& file) {
  std::vector<Workload> workloads;
  Names names("workload", file.problems());
  file.each("workloads", [&](const Node& node) {
    const MappingReader mapping(node, schema::k_workload, file.problems());
    Workload workload = read_workload(mapping);
    if (!workload.name.empty() && names.add(workload.name, mapping.mark("name"))) {
      workloads.push_back(std::move(workload));
    }
  });
  return workloads;
}

}  // namespace inferometer::config
