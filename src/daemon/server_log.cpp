#include "daemon/server_log.hpp"

#include "base/log.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace inferometer::daemon {

void ServerLog::record(const scrape::Scrape& scrape) {
  const bool up = scrape.figures.has_value();
  auto* const write = !changes(scrape) ? &base::log::debug
                      : up             ? &base::log::info
                                       : &base::log::warn;
  write(up ? "server metrics read" : "server metrics cannot be read",
        {{"provider", scrape.provider}, {"error", scrape.error}});
}

bool ServerLog::changes(const scrape::Scrape& scrape) {
  const bool up = scrape.figures.has_value();
  const base::LockGuard lock(m_mutex);
  const auto entry = m_up.try_emplace(scrape.provider, true).first;
  return std::exchange(entry->second, up) != up;
}

void ServerLog::keep(const std::vector<config::Provider>& providers) {
  std::set<std::string_view> names;
  for (const config::Provider& provider : providers) {
    names.insert(provider.name);
  }
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_up, [&names](const auto& entry) { return !names.contains(entry.first); });
}

}  // namespace inferometer::daemon
