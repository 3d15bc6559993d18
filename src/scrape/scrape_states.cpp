#include "scrape/scrape_states.hpp"

#include <utility>

namespace inferometer::scrape {

std::optional<std::uint64_t> Memory::begin(const std::string& provider,
                                           const config::ServerMetrics& server) {
  const base::LockGuard lock(m_mutex);
  Entry& entry = m_entries[provider];
  if (entry.server.kind != server.kind || entry.server.url != server.url) {
    entry = Entry{.server = server, .under_way = {}, .last = {}};
  }
  if (entry.under_way) {
    return std::nullopt;
  }
  entry.under_way = ++m_begun;
  return entry.under_way;
}

bool Memory::end(const std::string& provider, std::uint64_t number, Reading* reading) {
  const base::LockGuard lock(m_mutex);
  const auto found = m_entries.find(provider);
  if (found == m_entries.end() || found->second.under_way != number) {
    return false;
  }
  Entry& entry = found->second;
  entry.under_way.reset();
  if (reading != nullptr) {
    if (entry.last) {
      add_means(entry.server.kind, *entry.last, *reading);
    }
    entry.last = *reading;
  }
  return true;
}

void Memory::keep(const std::set<std::string>& providers) {
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_entries, [&](const auto& entry) { return !providers.contains(entry.first); });
}

}  // namespace inferometer::scrape
