#include "metrics/server_recorder.hpp"

#include "base/thread/mutex.hpp"
#include "config/choices.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/snapshot.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace inferometer::metrics {
namespace {

using scrape::Figure;
using scrape::Observed;
using scrape::Scrape;
using scrape::ServerFigures;

using Value = std::optional<decltype(Sample::value)>;

Value up(const Scrape& scrape) {
  return scrape.figures ? 1.0 : 0.0;
}

Value duration(const Scrape& scrape) {
  return base::seconds(scrape.duration);
}

template <Figure ServerFigures::*Member>
Value figure(const Scrape& scrape) {
  const Figure value = scrape.figures ? (*scrape.figures).*Member : std::nullopt;
  return value ? Value(*value) : std::nullopt;
}

template <Observed ServerFigures::*Member>
Value summary(const Scrape& scrape) {
  const Observed value = scrape.figures ? (*scrape.figures).*Member : std::nullopt;
  return value ? Value(SummarySample{.count = value->count, .sum = value->sum}) : std::nullopt;
}

struct ServerRow {
  const Metric& metric;
  Value (*value)(const Scrape& scrape);
};

constexpr ServerRow k_server_rows[]{
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
    {metric("llm_server_ttft_seconds"), summary<&ServerFigures::ttft>},
    {metric("llm_server_queue_time_seconds"), summary<&ServerFigures::queue_time>},
    {metric("llm_server_prefill_time_seconds"), summary<&ServerFigures::prefill_time>},
    {metric("llm_server_decode_time_seconds"), summary<&ServerFigures::decode_time>},
    {metric("llm_server_inference_time_seconds"), summary<&ServerFigures::inference_time>},
    {metric("llm_server_inter_token_latency_seconds"),
     summary<&ServerFigures::inter_token_latency>},
    {metric("llm_server_time_per_output_token_seconds"),
     summary<&ServerFigures::time_per_output_token>},
    {metric("llm_server_duration_seconds"), summary<&ServerFigures::duration>},
    {metric("llm_server_prefill_seconds_total"), figure<&ServerFigures::prefill_seconds>},
    {metric("llm_server_decode_seconds_total"), figure<&ServerFigures::decode_seconds>},
};

struct Entry {
  std::shared_ptr<const Labels> labels;
  config::ServerMetrics server;
  std::optional<Scrape> last;
};

/// REQUIRES: the provider has server_metrics.
std::shared_ptr<const Labels> server_labels(const config::Provider& provider) {
  const std::string_view kind =
      config::word_of(provider.server_metrics->kind, config::k_server_kinds);
  return make_labels({{"provider", provider.name}, {"kind", std::string(kind)}}, provider.labels);
}

}  // namespace

struct ServerMetricsRecorder::Impl {
  mutable base::Mutex mutex;
  std::map<std::string, Entry> entries GUARDED_BY(mutex);

  /// As they are now; a copy, so that no recording thread waits for a scrape.
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
    Entry entry{.labels = server_labels(provider), .server = *provider.server_metrics, .last = {}};
    const auto before = m_impl->entries.find(provider.name);
    if (before != m_impl->entries.end() && before->second.server.same_server(entry.server)) {
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
  return collect_rows(
      k_server_rows, selection, [&](const ServerRow& row, std::vector<Sample>& samples) {
        for (const auto& [provider, entry] : entries) {
          if (const Value value = entry.last ? row.value(*entry.last) : std::nullopt) {
            samples.push_back({.labels = entry.labels, .value = *value});
          }
        }
      });
}

}  // namespace inferometer::metrics
