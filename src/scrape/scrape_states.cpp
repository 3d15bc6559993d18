#include "scrape/scrape_states.hpp"

#include "scrape/mapping.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

namespace inferometer::scrape {
namespace {

/// Identifies a series; no name and no label's name can hold the separators.
std::string series_of(const Sample& sample) {
  std::string key = sample.name;
  for (const Label& label : sample.labels) {
    key.append("\n").append(label.name).append("=").append(label.value);
  }
  return key;
}

bool counts(const Mapping& mapping, const Sample& sample) {
  return std::isfinite(sample.value) && sample.value >= 0 && is_counter(mapping, sample.name);
}

}  // namespace

/// Whether what was there before is there no more, without exception.
bool CounterContinuity::restarted(const Mapping& mapping, const ServerPage& page) const {
  if (m_process_start && page.process_start && *m_process_start != *page.process_start) {
    return true;
  }
  return std::ranges::none_of(page.samples, [&](const Sample& sample) {
    if (!counts(mapping, sample)) {
      return false;
    }
    const auto known = m_series.find(series_of(sample));
    return known != m_series.end() && known->second.sample.value > 0 &&
           sample.value >= known->second.sample.value;
  });
}

void CounterContinuity::apply(const Mapping& mapping, ServerPage& page) {
  if (restarted(mapping, page) || m_series.size() > k_max_kept_samples) {
    m_series.clear();
  }
  ++m_page;
  for (Sample& sample : page.samples) {
    if (!counts(mapping, sample)) {
      continue;
    }
    Series& series =
        m_series.try_emplace(series_of(sample), Series{.sample = sample}).first->second;
    if (sample.value < series.sample.value) {
      series.before += series.sample.value;
    }
    series.sample.value = sample.value;
    series.seen_on = m_page;
    sample.value += series.before;
  }
  for (const auto& [key, series] : m_series) {
    if (series.seen_on != m_page) {
      page.samples.push_back(series.sample);
      page.samples.back().value += series.before;
    }
  }
  m_process_start = page.process_start;
}

std::optional<std::uint64_t> ScrapeStates::begin(const std::string& provider,
                                                 const config::ServerMetrics& server) {
  const base::LockGuard lock(m_mutex);
  State& state = m_states[provider];
  if (!state.server.same_server(server)) {
    state = State{.server = server, .under_way = {}, .counters = {}};
  }
  if (state.under_way) {
    return std::nullopt;
  }
  state.under_way = ++m_begun;
  return state.under_way;
}

bool ScrapeStates::end(const std::string& provider, std::uint64_t number, ServerPage* page) {
  const base::LockGuard lock(m_mutex);
  const auto found = m_states.find(provider);
  if (found == m_states.end() || found->second.under_way != number) {
    return false;
  }
  State& state = found->second;
  state.under_way.reset();
  if (page != nullptr) {
    state.counters.apply(mapping_of(state.server.kind), *page);
  }
  return true;
}

void ScrapeStates::keep(const std::set<std::string>& providers) {
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_states, [&](const auto& entry) { return !providers.contains(entry.first); });
}

}  // namespace inferometer::scrape
