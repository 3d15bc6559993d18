#include "measure/recent.hpp"

#include <string>
#include <utility>
#include <vector>

namespace inferometer::measure {
namespace {

/// What the allocator adds to a block: its header, and the mean of what it rounds up.
constexpr std::size_t k_block = 16;

/// The links that a list and a tree put before what they hold, and a shared object's counts.
constexpr std::size_t k_list_links = 2 * sizeof(void*);
constexpr std::size_t k_tree_links = 4 * sizeof(void*);
constexpr std::size_t k_shared_counts = 2 * sizeof(void*);

std::size_t heap_bytes(const std::string& text) {
  const std::size_t within = std::string().capacity();  // short texts need no heap
  return text.capacity() > within ? text.capacity() + 1 + k_block : 0;
}

template <typename Item>
std::size_t heap_bytes(const std::vector<Item>& items) {
  return items.capacity() > 0 ? items.capacity() * sizeof(Item) + k_block : 0;
}

std::size_t heap_bytes(const Measurement& measurement) {
  return heap_bytes(measurement.id) + heap_bytes(measurement.target.provider) +
         heap_bytes(measurement.target.model) + heap_bytes(measurement.target.workload) +
         heap_bytes(measurement.detail) + heap_bytes(measurement.request_id) +
         heap_bytes(measurement.connection.http_version) +
         heap_bytes(measurement.connection.remote_address) +
         heap_bytes(measurement.content_arrivals) + heap_bytes(measurement.rate_limits);
}

}  // namespace

void Recent::take_out(Index::iterator which, Entries& gone) {
  const Queue::iterator entry = which->second;
  m_bytes -= entry->bytes;
  gone.queue.splice(gone.queue.end(), m_entries.queue, entry);
  gone.index.insert(m_entries.index.extract(which));
}

void Recent::record(Measurement measurement) {
  constexpr std::size_t nodes = k_shared_counts + sizeof(Measurement) + k_list_links +
                                sizeof(Entry) + k_tree_links + sizeof(Index::value_type) +
                                3 * k_block;
  const std::size_t bytes = nodes + heap_bytes(measurement);
  if (bytes > m_max_bytes) {
    return;
  }
  Entries fresh;
  fresh.queue.push_back({std::make_shared<const Measurement>(std::move(measurement)), bytes});
  const std::string_view id = fresh.queue.front().measurement->id;
  fresh.index.emplace(id, fresh.queue.begin());

  Entries gone;  // freed at the end, when the mutex no longer is held
  {
    const base::LockGuard lock(m_mutex);
    if (const auto same = m_entries.index.find(id); same != m_entries.index.end()) {
      take_out(same, gone);
    }
    while (m_bytes + bytes > m_max_bytes) {
      take_out(m_entries.index.find(m_entries.queue.front().measurement->id), gone);
    }
    m_entries.queue.splice(m_entries.queue.end(), fresh.queue);
    m_entries.index.merge(fresh.index);
    m_bytes += bytes;
  }
}

std::shared_ptr<const Measurement> Recent::find(std::string_view id) const {
  const base::LockGuard lock(m_mutex);
  const auto found = m_entries.index.find(id);
  return found != m_entries.index.end() ? found->second->measurement : nullptr;
}

}  // namespace inferometer::measure
