#include "scrape/page.hpp"

#include "scrape/combine.hpp"
#include "scrape/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace inferometer::scrape {
namespace {

// What Prometheus' client libraries show of every process.
constexpr std::string_view k_process_start = "process_start_time_seconds";

bool is_own(const Mapping& mapping, std::string_view name) {
  const std::size_t length = mapping.prefix.size();
  return name.starts_with(mapping.prefix) && name.size() > length &&
         (name[length] == ':' || name[length] == '_');
}

/// Triton counts a request once at each model that it passes: an ensemble, its tokenizing steps and
/// the LLM itself. Kept is what it counts of LLMs, which TensorRT-LLM's own metrics name; or of the
/// only model there is.
void keep_llms(std::vector<Sample>& samples) {
  constexpr std::string_view k_of_any_model = "nv_inference_";
  const auto of_any_model = [&](const Sample& sample) {
    return sample.name.starts_with(k_of_any_model);
  };
  std::set<std::string, std::less<>> models;
  std::set<std::string, std::less<>> llms;
  for (const Sample& sample : samples) {
    (of_any_model(sample) ? models : llms).emplace(sample.label("model"));
  }
  const auto& kept = llms.empty() && models.size() == 1 ? models : llms;
  std::erase_if(samples, [&](const Sample& sample) {
    return of_any_model(sample) && !kept.contains(sample.label("model"));
  });
}

/// How a page that is no exposition at all may be one of another endpoint.
std::string_view advice(config::ServerKind kind, std::string_view text) {
  const bool json = text.starts_with('[') || text.starts_with('{');
  return kind == config::ServerKind::trtllm && json
             ? ": it is JSON, trtllm-serve shows Prometheus' format at /prometheus/metrics"
             : "";
}

}  // namespace

base::Result<ServerPage> read_page(config::ServerKind kind, std::string_view text) {
  const Mapping& mapping = mapping_of(kind);
  bool known = false;
  base::Result<Page> page = read_exposition(text, [&](std::string_view name) {
    const bool own = is_own(mapping, name);
    known = known || own;
    return own ? needs(mapping, name) : name == k_resident_memory || name == k_process_start;
  });
  if (!page) {
    return base::fail(fmt::format("{}{}", page.error().message, advice(kind, text)));
  }
  if (!known && page->sample_count > 0) {
    return base::fail(
        fmt::format("the page has metrics, but none of {}: are server_metrics.kind and .url right?",
                    mapping.server));
  }
  ServerPage result{.samples = std::move(page->samples), .process_start = {}};
  result.process_start = combine(result.samples, {k_process_start}, Combine::fullest);
  if (kind == config::ServerKind::triton) {
    keep_llms(result.samples);
  }
  return result;
}

}  // namespace inferometer::scrape
