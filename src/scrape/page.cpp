#include "scrape/page.hpp"

#include "scrape/exposition_reader.hpp"
#include "scrape/mapping.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <span>

namespace inferometer::scrape {
namespace {

// What Prometheus' client libraries show of every process.
constexpr std::string_view k_resident_memory = "process_resident_memory_bytes";
constexpr std::string_view k_process_start = "process_start_time_seconds";

bool is_own(const Mapping& mapping, std::string_view name) {
  const std::size_t length = mapping.prefix.size();
  return name.starts_with(mapping.prefix) && name.size() > length &&
         (name[length] == ':' || name[length] == '_');
}

Figure figure_of(const FigureRow& row, std::span<const Sample> samples) {
  const Figure value = combine(samples, row.name, row.combine);
  if (row.plus.empty() || !value) {
    return value;
  }
  const Figure more = combine(samples, row.plus, row.combine);
  return more ? Figure(*value + *more) : std::nullopt;
}

std::optional<Totals> totals_of(const MeanRow& row, std::span<const Sample> samples) {
  const Figure sum = combine(samples, row.sum, Combine::sum);
  const Figure count = combine(samples, row.count, Combine::sum);
  return sum && count ? std::optional(Totals{*sum, *count}) : std::nullopt;
}

Figure mean_between(const std::optional<Totals>& before, const std::optional<Totals>& now) {
  if (!before || !now || now->sum < before->sum || now->count <= before->count) {
    return std::nullopt;
  }
  return (now->sum - before->sum) / (now->count - before->count);
}

/// Whether a total went down that only a new process can bring down.
bool restarted(const Reading& before, const Reading& now) {
  if (before.process_start && now.process_start && *before.process_start != *now.process_start) {
    return true;
  }
  for (std::size_t i = 0; i < now.means.size() && i < before.means.size(); ++i) {
    if (before.means[i] && (!now.means[i] || now.means[i]->count < before.means[i]->count)) {
      return true;
    }
  }
  return false;
}

}  // namespace

base::Result<Reading> read_page(config::ServerKind kind, std::string_view text) {
  const Mapping& mapping = mapping_of(kind);
  bool known = false;
  const base::Result<Page> page = read_exposition(text, [&](std::string_view name) {
    const bool own = is_own(mapping, name);
    known = known || own;
    return own ? wants(mapping, name) : name == k_resident_memory || name == k_process_start;
  });
  if (!page) {
    return tl::make_unexpected(page.error());
  }
  if (!known && page->sample_count > 0) {
    return base::fail(
        fmt::format("the page has metrics, but none of {}: are server_metrics.kind and .url right?",
                    mapping.server));
  }
  Reading reading;
  ServerFigures& figures = reading.figures;
  for (const FigureRow& row : mapping.figures) {
    if (!(figures.*row.figure)) {
      figures.*row.figure = figure_of(row, page->samples);
    }
  }
  if (figures.prefix_cache_hits) {
    figures.prefix_cache_hit_ratio = std::nullopt;
  } else {
    figures.prefix_cache_queries = std::nullopt;  // alone they would look like no hit at all
  }
  figures.resident_memory_bytes = combine(page->samples, k_resident_memory, Combine::sum);
  reading.process_start = combine(page->samples, k_process_start, Combine::fullest);
  for (const MeanRow& row : mapping.means) {
    reading.means.push_back(totals_of(row, page->samples));
  }
  return reading;
}

void add_means(config::ServerKind kind, const Reading& before, Reading& now) {
  if (restarted(before, now)) {
    return;
  }
  const Mapping& mapping = mapping_of(kind);
  for (std::size_t i = 0; i < now.means.size() && i < before.means.size(); ++i) {
    Figure& mean = now.figures.*mapping.means[i].figure;
    if (!mean) {
      mean = mean_between(before.means[i], now.means[i]);
    }
  }
}

}  // namespace inferometer::scrape
