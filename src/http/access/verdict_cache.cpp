#include "http/access/verdict_cache.hpp"

#include <algorithm>

namespace inferometer::http {

std::optional<bool> VerdictCache::find(const std::string& digest) {
  for (Uses* const uses : {&m_good, &m_wrong}) {
    if (const auto found = uses->find(digest); found != uses->end()) {
      found->second = ++m_now;
      return uses == &m_good;
    }
  }
  return std::nullopt;
}

void VerdictCache::set(const std::string& digest, bool good) {
  Uses& uses = good ? m_good : m_wrong;
  if (uses.size() >= k_most_of_each) {
    uses.erase(std::ranges::min_element(uses, {}, [](const auto& each) { return each.second; }));
  }
  uses.insert_or_assign(digest, ++m_now);
}

}  // namespace inferometer::http
