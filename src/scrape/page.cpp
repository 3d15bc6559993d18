#include "scrape/page.hpp"

#include "scrape/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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

bool matches(const Sample& sample, const Source& source) {
  return same_name(sample.name, source.name) &&
         (source.label.empty() || sample.label(source.label) == source.value);
}

std::optional<double> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size()
             ? std::optional(static_cast<double>(value))
             : std::nullopt;
}

/// vLLM writes "None" for what it does not know. The size in tokens is newer, and right also where
/// layers of several kinds share the blocks.
Figure cache_capacity(const Sample& sample) {
  if (const auto tokens = whole_number(sample.label("kv_cache_size_tokens"))) {
    return tokens;
  }
  const auto blocks = whole_number(sample.label("num_gpu_blocks"));
  const auto block_size = whole_number(sample.label("block_size"));
  return blocks && block_size ? Figure(*blocks * *block_size) : std::nullopt;
}

/// What tells the series of one engine from those of another.
std::string engine_of(const Sample& sample) {
  constexpr std::array<std::string_view, 4> k_within_engine{"tp_rank", "pp_rank", "moe_ep_rank",
                                                            "priority"};
  std::string engine;
  for (const Label& label : sample.labels) {
    if (std::ranges::find(k_within_engine, label.name) == k_within_engine.end()) {
      engine.append(label.name).append("=").append(label.value).push_back('\0');
    }
  }
  return engine;
}

double sum_of_engines(std::span<const Sample* const> samples) {
  std::map<std::string, double> engines;
  for (const Sample* sample : samples) {
    double& largest = engines[engine_of(*sample)];
    largest = std::max(largest, sample->value);
  }
  double sum = 0;
  for (const auto& [engine, value] : engines) {
    sum += value;
  }
  return sum;
}

Figure sum_of_capacities(std::span<const Sample* const> samples) {
  double sum = 0;
  for (const Sample* sample : samples) {
    const Figure capacity = cache_capacity(*sample);
    if (!capacity) {
      return std::nullopt;
    }
    sum += *capacity;
  }
  return sum;
}

double sum(std::span<const Sample* const> samples) {
  double sum = 0;
  for (const Sample* sample : samples) {
    sum += sample->value;
  }
  return sum;
}

double largest(std::span<const Sample* const> samples) {
  double largest = 0;
  for (const Sample* sample : samples) {
    largest = std::max(largest, sample->value);
  }
  return largest;
}

Figure figure_of(const FigureRow& row, std::span<const Sample> samples) {
  const Figure value = combine(samples, row.source, row.combine);
  const Figure more = row.plus.name.empty() ? Figure(0) : combine(samples, row.plus, row.combine);
  const Figure factor =
      row.times.name.empty() ? Figure(1) : combine(samples, row.times, Combine::fullest);
  return value && more && factor ? Figure((*value + *more) * *factor) : std::nullopt;
}

Observed observed(const SummaryRow& row, std::span<const Sample> samples) {
  constexpr double k_most = 0x1p53;  // a double counts no further
  const Figure sum = combine(samples, {row.sum}, Combine::sum);
  const Figure count = combine(samples, {row.count}, Combine::sum);
  if (!sum || !count || *count > k_most) {
    return std::nullopt;
  }
  return SumAndCount{.sum = *sum * row.unit,
                     .count = static_cast<std::uint64_t>(std::llround(*count))};
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

Figure combine(std::span<const Sample> samples, const Source& source, Combine how) {
  std::vector<const Sample*> series;
  for (const Sample& sample : samples) {
    if (!matches(sample, source)) {
      continue;
    }
    if (!std::isfinite(sample.value) || sample.value < 0) {
      return std::nullopt;
    }
    series.push_back(&sample);
  }
  if (series.empty()) {
    return std::nullopt;
  }
  switch (how) {
    case Combine::sum:
      return sum(series);
    case Combine::engines:
      return sum_of_engines(series);
    case Combine::fullest:
      return largest(series);
    case Combine::mean:
      return sum(series) / static_cast<double>(series.size());
    case Combine::cache_config:
      return sum_of_capacities(series);
  }
  return std::nullopt;
}

ServerFigures figures_of(config::ServerKind kind, std::span<const Sample> samples) {
  const Mapping& mapping = mapping_of(kind);
  ServerFigures figures;
  for (const auto& rows : {mapping.gauges, mapping.counters}) {
    for (const FigureRow& row : rows) {
      if (!(figures.*row.figure)) {
        figures.*row.figure = figure_of(row, samples);
      }
    }
  }
  for (const SummaryRow& row : mapping.summaries) {
    if (!(figures.*row.figure)) {
      figures.*row.figure = observed(row, samples);
    }
  }
  if (figures.prefix_cache_hits) {
    figures.prefix_cache_hit_ratio = std::nullopt;
  } else {
    figures.prefix_cache_queries = std::nullopt;  // alone they would look like no hit at all
  }
  figures.resident_memory_bytes = combine(samples, {k_resident_memory}, Combine::sum);
  return figures;
}

}  // namespace inferometer::scrape
