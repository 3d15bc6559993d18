#include "schedule/scheduler.hpp"

#include "base/mutex.hpp"
#include "schedule/pacer.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <queue>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace inferometer::schedule {

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap:
      return "overlap";
    case SkipReason::late:
      return "late";
    case SkipReason::rate_limited:
      return "rate_limited";
  }
  return "";
}

using OpenRuns = std::shared_ptr<std::atomic<std::uint32_t>>;

class RunToken {
 public:
  explicit RunToken(OpenRuns open) : m_open(std::move(open)) { m_open->fetch_add(1); }
  RunToken(const RunToken&) = delete;
  RunToken& operator=(const RunToken&) = delete;
  ~RunToken() { m_open->fetch_sub(1); }

 private:
  OpenRuns m_open;
};

struct TickQueue::Impl {
  struct Entry {
    Job job;
    Duration phase;
    MonotonicTime due;
    OpenRuns open;
  };
  using Due = std::pair<MonotonicTime, std::size_t>;  // when, and the index of the entry
  using Heap = std::priority_queue<Due, std::vector<Due>, std::greater<>>;  // the earliest on top

  struct Once {
    std::string identity;
    std::function<void()> call;
  };

  std::vector<Entry> entries;
  Heap heap;
  std::multimap<MonotonicTime, Once> once;

  [[nodiscard]] bool has(const std::string& identity) const {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const Entry& entry) { return entry.job.identity == identity; });
  }
  [[nodiscard]] std::optional<MonotonicTime> next() const;
  static void run(Entry& entry, MonotonicTime now);
};

void TickQueue::Impl::run(Entry& entry, MonotonicTime now) {
  const Job& job = entry.job;
  const std::uint64_t missed = ticks_between(entry.due, now, entry.phase, job.interval);
  const MonotonicTime scheduled = entry.due + static_cast<std::int64_t>(missed) * job.interval;
  entry.due = scheduled + job.interval;
  if (missed > 0) {
    job.skipped(SkipReason::late, missed);
  }
  if (entry.open->load() >= job.max_in_flight) {
    job.skipped(SkipReason::overlap, 1);
    return;
  }
  if (job.allowance && !job.allowance->take(now)) {
    job.skipped(SkipReason::rate_limited, 1);
    return;
  }
  job.start(scheduled, std::make_shared<RunToken>(entry.open));
}

std::optional<MonotonicTime> TickQueue::Impl::next() const {
  std::optional<MonotonicTime> earliest;
  if (!heap.empty()) {
    earliest = heap.top().first;
  }
  if (!once.empty()) {
    const MonotonicTime due = once.begin()->first;
    earliest = std::min(earliest.value_or(due), due);
  }
  return earliest;
}

TickQueue::TickQueue() : m_impl(std::make_unique<Impl>()) {}
TickQueue::~TickQueue() = default;

void TickQueue::set_jobs(std::vector<Job> jobs, MonotonicTime now) {
  for (const Job& job : jobs) {
    if (job.interval <= Duration::zero()) {
      throw std::invalid_argument("the interval of job " + job.identity + " is not positive");
    }
  }
  std::unordered_map<std::string_view, const Impl::Entry*> before;
  for (const Impl::Entry& entry : m_impl->entries) {
    before.emplace(entry.job.identity, &entry);
  }
  std::vector<Impl::Entry> entries;
  Impl::Heap heap;
  for (Job& job : jobs) {
    const Duration phase = phase_of(job.identity, job.interval);
    MonotonicTime due = next_tick(now, phase, job.interval);
    OpenRuns open;
    if (const auto found = before.find(job.identity); found != before.end()) {
      open = found->second->open;
      due = found->second->job.interval == job.interval ? found->second->due : due;
    } else {
      open = std::make_shared<std::atomic<std::uint32_t>>(0);
    }
    heap.emplace(due, entries.size());
    entries.push_back({std::move(job), phase, due, std::move(open)});
  }
  m_impl->entries = std::move(entries);
  m_impl->heap = std::move(heap);
  std::unordered_set<std::string_view> identities;
  for (const Impl::Entry& entry : m_impl->entries) {
    identities.insert(entry.job.identity);
  }
  std::erase_if(m_impl->once, [&identities](const auto& entry) {
    return !identities.contains(entry.second.identity);
  });
}

void TickQueue::add_once(const std::string& identity, MonotonicTime due,
                         std::function<void()> call) {
  if (m_impl->has(identity)) {
    m_impl->once.emplace(due, Impl::Once{identity, std::move(call)});
  }
}

std::optional<MonotonicTime> TickQueue::run_due(MonotonicTime now) {
  auto& heap = m_impl->heap;
  while (!heap.empty() && heap.top().first <= now) {
    const std::size_t index = heap.top().second;
    heap.pop();
    Impl::Entry& entry = m_impl->entries[index];
    Impl::run(entry, now);
    heap.emplace(entry.due, index);
  }
  auto& once = m_impl->once;
  while (!once.empty() && once.begin()->first <= now) {
    const auto due = once.extract(once.begin());
    due.mapped().call();
  }
  return m_impl->next();
}

struct Scheduler::Impl {
  base::Mutex mutex;
  base::CondVar changed;
  TickQueue queue GUARDED_BY(mutex);
  bool stopping GUARDED_BY(mutex) = false;

  std::once_flag joined;
  std::thread thread;
  std::thread::id thread_id;  // the thread's own is gone once it is joined

  void run() EXCLUDES(mutex);
};

void Scheduler::Impl::run() {
  const base::LockGuard lock(mutex);
  while (!stopping) {
    if (const auto next = queue.run_due(base::system_clock().now())) {
      changed.wait_until(mutex, *next);
    } else {
      changed.wait(mutex);
    }
  }
}

Scheduler::Scheduler() : m_impl(std::make_unique<Impl>()) {
  m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
  m_impl->thread_id = m_impl->thread.get_id();
}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::set_jobs(std::vector<Job> jobs) {
  const base::LockGuard lock(m_impl->mutex);
  m_impl->queue.set_jobs(std::move(jobs), base::system_clock().now());
  m_impl->changed.notify_one();
}

void Scheduler::run_at(const std::string& identity, MonotonicTime due, std::function<void()> call) {
  if (std::this_thread::get_id() == m_impl->thread_id) {
    m_impl->mutex.assert_held();  // by run(), which is calling the callable that calls us
    m_impl->queue.add_once(identity, due, std::move(call));
    return;
  }
  const base::LockGuard lock(m_impl->mutex);
  if (m_impl->stopping) {
    return;
  }
  m_impl->queue.add_once(identity, due, std::move(call));
  m_impl->changed.notify_one();
}

void Scheduler::stop() {
  {
    const base::LockGuard lock(m_impl->mutex);
    m_impl->stopping = true;
    m_impl->changed.notify_one();
  }
  // A second caller waits here until the first has joined.
  std::call_once(m_impl->joined, [this] { m_impl->thread.join(); });
}

}  // namespace inferometer::schedule
