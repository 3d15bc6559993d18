#include "metrics/server_recorder.hpp"

#include "base/mutex.hpp"
#include "config/choices.hpp"
#include "metrics/catalogue.hpp"

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
  config::ServerMetrics server;
  std::optional<Scrape> last;
};

prometheus::ClientMetric make_sample(const Metric& metric, const std::string& provider,
                                     config::ServerKind kind, double value) {
  prometheus::ClientMetric sample;
  sample.label = {{"provider", provider},
                  {"kind", std::string(config::word_of(kind, config::k_server_kinds))}};
  (metric.type == prometheus::MetricType::Counter ? sample.counter.value : sample.gauge.value) =
      value;
  return sample;
}

}  // namespace

struct ServerMetricsRecorder::Impl {
  mutable base::Mutex mutex;
  std::map<std::string, Entry> entries GUARDED_BY(mutex);
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
    Entry entry{.server = *provider.server_metrics, .last = {}};
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

std::vector<prometheus::MetricFamily> ServerMetricsRecorder::Collect() const {
  const base::LockGuard lock(m_impl->mutex);
  std::vector<prometheus::MetricFamily> families;
  for (const Row& row : k_rows) {
    prometheus::MetricFamily family = make_family(row.metric);
    for (const auto& [provider, entry] : m_impl->entries) {
      const Figure value = entry.last ? row.value(*entry.last) : std::nullopt;
      if (value) {
        family.metric.push_back(make_sample(row.metric, provider, entry.server.kind, *value));
      }
    }
    if (!family.metric.empty()) {
      families.push_back(std::move(family));
    }
  }
  return families;
}

}  // namespace inferometer::metrics
