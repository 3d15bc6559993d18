#include "scrape/scrape_states.hpp"

#include "scrape/mapping.hpp"

namespace inferometer::scrape {

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
