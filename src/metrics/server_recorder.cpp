#include "metrics/server_recorder.hpp"

#include "base/mutex.hpp"
#include "config/choices.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/collect_rows.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace inferometer::metrics {
namespace {

using scrape::Figure;
using scrape::Scrape;
using scrape::ServerFigures;

Figure up(const Scrape& scrape) {
  return scrape.figures ? 1 : 0;
}

Figure duration(const Scrape& scrape) {
  return base::seconds(scrape.duration);
}

template <auto Member>
Figure figure(const Scrape& scrape) {
  return scrape.figures ? (*scrape.figures).*Member : std::nullopt;
}

struct Row {
  const Metric& metric;
  Figure (*value)(const Scrape& scrape);
};

constexpr Row k_rows[]{
    {metric("llm_server_up"), up},
    {metric("llm_server_scrape_duration_seconds"), duration},
    {metric("llm_server_requests_running"), figure<&ServerFigures::requests_running>},
    {metric("llm_server_requests_waiting"), figure<&ServerFigures::requests_waiting>},
    {metric("llm_server_kv_cache_usage_ratio"), figure<&ServerFigures::kv_cache_usage_ratio>},
    {metric("llm_server_kv_cache_used_tokens"), figure<&ServerFigures::kv_cache_used_tokens>},
    {metric("llm_server_kv_cache_capacity_tokens"),
     figure<&ServerFigures::kv_cache_capacity_tokens>},
    {metric("llm_server_prefix_cache_queries_total"), figure<&ServerFigures::prefix_cache_queries>},
    {metric("llm_server_prefix_cache_hits_total"), figure<&ServerFigures::prefix_cache_hits>},
    {metric("llm_server_prefix_cache_hit_ratio"), figure<&ServerFigures::prefix_cache_hit_ratio>},
    {metric("llm_server_prompt_tokens_total"), figure<&ServerFigures::prompt_tokens>},
    {metric("llm_server_generation_tokens_total"), figure<&ServerFigures::generation_tokens>},
    {metric("llm_server_preemptions_total"), figure<&ServerFigures::preemptions>},
    {metric("llm_server_resident_memory_bytes"), figure<&ServerFigures::resident_memory_bytes>},
    {metric("llm_server_ttft_mean_seconds"), figure<&ServerFigures::ttft_mean>},
    {metric("llm_server_queue_time_mean_seconds"), figure<&ServerFigures::queue_time_mean>},
    {metric("llm_server_prefill_time_mean_seconds"), figure<&ServerFigures::prefill_time_mean>},
    {metric("llm_server_inference_time_mean_seconds"), figure<&ServerFigures::inference_time_mean>},
    {metric("llm_server_inter_token_latency_mean_seconds"),
     figure<&ServerFigures::inter_token_latency_mean>},
    {metric("llm_server_time_per_output_token_mean_seconds"),
     figure<&ServerFigures::time_per_output_token_mean>},
    {metric("llm_server_duration_mean_seconds"), figure<&ServerFigures::duration_mean>},
};

struct Entry {
  std::shared_ptr<const Labels> labels;
  config::ServerMetrics server;
  std::optional<Scrape> last;
};

/// REQUIRES: the provider has server_metrics.
std::shared_ptr<const Labels> make_labels(const config::Provider& provider) {
  const std::string_view kind =
      config::word_of(provider.server_metrics->kind, config::k_server_kinds);
  return std::make_shared<const Labels>(
      Labels{{"provider", provider.name}, {"kind", std::string(kind)}});
}

}  // namespace

struct ServerMetricsRecorder::Impl {
  mutable base::Mutex mutex;
  std::map<std::string, Entry> entries GUARDED_BY(mutex);

  /// As they are now; a copy, so that nobody who records waits for a scrape.
  [[nodiscard]] std::map<std::string, Entry> all() const EXCLUDES(mutex) {
    const base::LockGuard lock(mutex);
    return entries;
  }
};

ServerMetricsRecorder::ServerMetricsRecorder() : m_impl(std::make_unique<Impl>()) {}
ServerMetricsRecorder::~ServerMetricsRecorder() = default;

void ServerMetricsRecorder::set_providers(const std::vector<config::Provider>& providers) {
  const base::LockGuard lock(m_impl->mutex);
  std::map<std::string, Entry> entries;
  for (const config::Provider& provider : providers) {
    if (!provider.server_metrics) {
      continue;
    }
    Entry entry{.labels = make_labels(provider), .server = *provider.server_metrics, .last = {}};
    const auto before = m_impl->entries.find(provider.name);
    if (before != m_impl->entries.end() && before->second.server.kind == entry.server.kind &&
        before->second.server.url == entry.server.url) {
      entry.last = std::move(before->second.last);
    }
    entries.emplace(provider.name, std::move(entry));
  }
  m_impl->entries = std::move(entries);
}

void ServerMetricsRecorder::record(const Scrape& scrape) {
  const base::LockGuard lock(m_impl->mutex);
  const auto found = m_impl->entries.find(scrape.provider);
  if (found != m_impl->entries.end() && found->second.server.kind == scrape.kind) {
    found->second.last = scrape;
  }
}

Families ServerMetricsRecorder::collect(const Selection& selection) const {
  const auto entries = m_impl->all();
  return collect_rows(k_rows, selection, [&](const Row& row, std::vector<Sample>& samples) {
    for (const auto& [provider, entry] : entries) {
      if (const Figure value = entry.last ? row.value(*entry.last) : std::nullopt) {
        samples.push_back({.labels = entry.labels, .value = *value});
      }
    }
  });
}

}  // namespace inferometer::metrics
