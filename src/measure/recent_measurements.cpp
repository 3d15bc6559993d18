#include "measure/recent_measurements.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace inferometer::measure {
namespace {

using config::TargetKey;

struct Entry {
  std::shared_ptr<const Measurement> measurement;
  std::size_t bytes = 0;
  std::uint64_t number = 0;  ///< ascending in the order in which they came
};

using Queue = std::list<Entry>;  ///< of one target, the oldest first
using Queues = std::map<TargetKey, Queue>;

/// The last in order loses its oldest measurement: the target that has most; of equals, the one
/// that has the oldest.
using Rank = std::pair<std::size_t, std::uint64_t>;
using Ranks = std::map<Rank, Queues::iterator>;

Rank rank_of(const Queue& queue) {
  return {queue.size(), ~queue.front().number};
}

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

std::size_t heap_bytes(const TargetKey& key) {
  return heap_bytes(key.provider) + heap_bytes(key.model) + heap_bytes(key.workload);
}

template <typename Item>
std::size_t heap_bytes(const std::vector<Item>& items) {
  return items.capacity() > 0 ? items.capacity() * sizeof(Item) + k_block : 0;
}

std::size_t heap_bytes(const Measurement& measurement) {
  return heap_bytes(measurement.id) + heap_bytes(measurement.target) +
         heap_bytes(measurement.detail) + heap_bytes(measurement.request_id) +
         heap_bytes(measurement.connection.http_version) +
         heap_bytes(measurement.connection.remote_address) +
         heap_bytes(measurement.content_arrivals) + heap_bytes(measurement.rate_limits);
}

/// What a target costs besides its entries.
std::size_t queue_bytes(const TargetKey& key) {
  return 2 * (k_tree_links + k_block) + sizeof(Queues::value_type) + sizeof(Ranks::value_type) +
         heap_bytes(key);
}

/// Nodes that were made before the mutex was taken, or that are freed after it was released.
struct Nodes {
  Queue entries;
  std::multimap<TargetKey, Queue> queues;
  Ranks ranks;
};

/// Measurements that share one bound on their memory.
class Partition {
 public:
  explicit Partition(std::size_t max_bytes) : m_max_bytes(max_bytes) {}

  [[nodiscard]] const Queues& queues() const { return m_queues; }
  [[nodiscard]] bool has_room(std::size_t bytes) const { return m_bytes + bytes <= m_max_bytes; }

  /// Puts in the one entry of `fresh`, with a queue of its own where its target has none.
  Queues::iterator put_in(Nodes& fresh) {
    auto queue = m_queues.find(fresh.queues.begin()->first);
    Ranks::node_type rank;
    if (queue == m_queues.end()) {
      queue = m_queues.insert(fresh.queues.extract(fresh.queues.begin())).position;
      rank = fresh.ranks.extract(fresh.ranks.begin());
      m_bytes += queue_bytes(queue->first);
    } else {
      rank = m_ranks.extract(rank_of(queue->second));
    }
    m_bytes += fresh.entries.front().bytes;
    queue->second.splice(queue->second.end(), fresh.entries);
    rank.key() = rank_of(queue->second);
    rank.mapped() = queue;
    m_ranks.insert(std::move(rank));
    return queue;
  }

  void take_out(Queues::iterator queue, Queue::iterator entry, Nodes& gone) {
    auto rank = m_ranks.extract(rank_of(queue->second));
    m_bytes -= entry->bytes;
    gone.entries.splice(gone.entries.end(), queue->second, entry);
    if (queue->second.empty()) {
      m_bytes -= queue_bytes(queue->first);
      gone.queues.insert(m_queues.extract(queue));
      gone.ranks.insert(std::move(rank));
    } else {
      rank.key() = rank_of(queue->second);
      m_ranks.insert(std::move(rank));
    }
  }

  /// Whose oldest entry is the next to go. REQUIRES: not empty.
  [[nodiscard]] Queues::iterator largest() const { return m_ranks.rbegin()->second; }

 private:
  std::size_t m_max_bytes;
  std::size_t m_bytes = 0;
  Queues m_queues;  ///< none is empty
  Ranks m_ranks;    ///< of each queue
};

struct Place {
  Partition* partition = nullptr;
  Queues::iterator queue;
  Queue::iterator entry;
};

using Index = std::map<std::string_view, Place>;  ///< an id is the measurement's own text

bool is_good(const Measurement& measurement) {
  return measurement.outcome == Outcome::success && !measurement.suspect;
}

}  // namespace

struct RecentMeasurements::Contents {
  Partition successes;
  Partition failures;
  Index index;
  std::uint64_t count = 0;

  /// Takes out an indexed entry, without freeing anything.
  void take_out(Index::iterator which, Nodes& gone, Index& gone_index) {
    const Place place = which->second;
    gone_index.insert(index.extract(which));
    place.partition->take_out(place.queue, place.entry, gone);
  }
};

RecentMeasurements::RecentMeasurements() : RecentMeasurements(Room()) {}

RecentMeasurements::RecentMeasurements(const Room& room)
    : m_room(room),
      m_contents(new Contents{.successes = Partition(room.successes),
                              .failures = Partition(room.failures),
                              .index = {}}) {}

RecentMeasurements::~RecentMeasurements() = default;

void RecentMeasurements::record(Measurement measurement) {
  constexpr std::size_t nodes = k_shared_counts + sizeof(Measurement) + k_list_links +
                                sizeof(Entry) + k_tree_links + sizeof(Index::value_type) +
                                3 * k_block;
  const std::size_t bytes = nodes + heap_bytes(measurement);
  const std::size_t bytes_alone = bytes + queue_bytes(measurement.target);
  const bool well = is_good(measurement);
  if (bytes_alone > (well ? m_room.successes : m_room.failures)) {
    return;
  }
  Nodes fresh;
  fresh.queues.emplace(measurement.target, Queue());
  fresh.ranks.emplace();
  fresh.entries.push_back({std::make_shared<const Measurement>(std::move(measurement)), bytes});
  const Queue::iterator entry = fresh.entries.begin();
  const std::string_view id = entry->measurement->id;
  Index fresh_index;
  fresh_index.emplace(id, Place());

  Nodes gone;  // freed at the end, when the mutex no longer is held
  Index gone_index;
  const base::LockGuard lock(m_mutex);
  Contents& contents = *m_contents;
  Partition& partition = well ? contents.successes : contents.failures;
  if (const auto same = contents.index.find(id); same != contents.index.end()) {
    contents.take_out(same, gone, gone_index);
  }
  while (!partition.has_room(bytes_alone)) {
    const std::string_view oldest = partition.largest()->second.front().measurement->id;
    contents.take_out(contents.index.find(oldest), gone, gone_index);
  }
  entry->number = ++contents.count;
  const Queues::iterator queue = partition.put_in(fresh);
  contents.index.merge(fresh_index);
  contents.index.find(id)->second = {&partition, queue, entry};
}

std::shared_ptr<const Measurement> RecentMeasurements::find(std::string_view id) const {
  const base::LockGuard lock(m_mutex);
  const auto found = m_contents->index.find(id);
  return found != m_contents->index.end() ? found->second.entry->measurement : nullptr;
}

bool RecentMeasurements::contains(std::string_view id) const {
  const base::LockGuard lock(m_mutex);
  return m_contents->index.contains(id);
}

std::vector<std::shared_ptr<const Measurement>> RecentMeasurements::all() const {
  std::vector<std::shared_ptr<const Measurement>> result;
  for (Partition Contents::*const partition : {&Contents::successes, &Contents::failures}) {
    // A target at a time, so that no recording thread waits for long.
    for (std::optional<TargetKey> last;;) {
      const base::LockGuard lock(m_mutex);
      const Queues& queues = ((*m_contents).*partition).queues();
      const auto queue = last ? queues.upper_bound(*last) : queues.begin();
      if (queue == queues.end()) {
        break;
      }
      last = queue->first;
      for (const Entry& entry : queue->second) {
        result.push_back(entry.measurement);
      }
    }
  }
  return result;
}

RecentMeasurements::Reach RecentMeasurements::reach() const {
  const auto earliest = [](const Queues& queues) {
    std::optional<base::WallTime> time;
    for (const auto& [target, queue] : queues) {
      const base::WallTime started = queue.front().measurement->started_at;
      time = std::min(time.value_or(started), started);
    }
    return time;
  };
  const base::LockGuard lock(m_mutex);
  return {.successes = earliest(m_contents->successes.queues()),
          .failures = earliest(m_contents->failures.queues())};
}

}  // namespace inferometer::measure
