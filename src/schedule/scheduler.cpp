#include "schedule/scheduler.hpp"

#include "base/log.hpp"
#include "base/thread/mutex.hpp"
#include "schedule/pacer.hpp"

#include <algorithm>
#include <exception>
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
  std::unordered_set<std::string> identities;  // of the entries
  Heap heap;
  std::multimap<MonotonicTime, Once> once;

  [[nodiscard]] std::optional<MonotonicTime> next() const;
  static void run(Entry& entry, MonotonicTime now);
};

namespace {

/// One job must not end the others, whatever it throws.
template <typename Call>
void guard(const std::string& identity, Call call) {
  try {
    call();
  } catch (const std::exception& exception) {
    base::log::error("a job has failed", {{"job", identity}, {"error", exception.what()}});
  }
}

void start_or_skip(const Job& job, const OpenRuns& open, MonotonicTime scheduled,
                   MonotonicTime now) {
  if (open->load() >= job.max_in_flight) {
    job.skipped(SkipReason::overlap, 1);
    return;
  }
  if (job.allowance) {
    if (const auto refused = job.allowance->take(now)) {
      job.skipped(*refused, 1);
      return;
    }
  }
  job.start(scheduled, std::make_shared<RunToken>(open));
}

void publish(const Job& job, MonotonicTime due) {
  if (job.next_due) {
    job.next_due->store(due);
  }
}

}  // namespace

void TickQueue::Impl::run(Entry& entry, MonotonicTime now) {
  const Job& job = entry.job;
  const std::uint64_t missed = ticks_between(entry.due, now, entry.phase, job.interval);
  const MonotonicTime scheduled =
      missed == 0 ? entry.due : next_tick(now, entry.phase, job.interval) - job.interval;
  entry.due = next_tick(scheduled, entry.phase, job.interval);
  publish(job, entry.due);
  guard(job.identity, [&] {
    if (missed > 0) {
      job.skipped(SkipReason::late, missed);
    }
    start_or_skip(job, entry.open, scheduled, now);
  });
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
  std::unordered_set<std::string> identities;
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
      due = first_tick(job.identity, now, job.interval, job.first_within.value_or(job.interval));
    }
    publish(job, due);
    heap.emplace(due, entries.size());
    identities.insert(job.identity);
    entries.push_back({std::move(job), phase, due, std::move(open)});
  }
  m_impl->entries = std::move(entries);
  m_impl->identities = std::move(identities);
  m_impl->heap = std::move(heap);
  std::erase_if(m_impl->once, [this](const auto& entry) {
    return !m_impl->identities.contains(entry.second.identity);
  });
}

void TickQueue::add_once(const std::string& identity, MonotonicTime due,
                         std::function<void()> call) {
  if (m_impl->identities.contains(identity)) {
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
    guard(due.mapped().identity, due.mapped().call);
  }
  return m_impl->next();
}

struct Scheduler::Impl {
  struct Call {
    std::string identity;
    MonotonicTime due;
    std::function<void()> call;
  };

  base::Mutex mutex;  // held while callables run
  TickQueue queue GUARDED_BY(mutex);

  base::Mutex inbox_mutex;  // held for moments only; taken after the other, if both
  base::CondVar changed;
  std::vector<Call> inbox GUARDED_BY(inbox_mutex);
  bool jobs_changed GUARDED_BY(inbox_mutex) = false;
  bool stopping GUARDED_BY(inbox_mutex) = false;

  std::once_flag joined;
  std::thread thread;

  void run() EXCLUDES(mutex, inbox_mutex);
  std::optional<MonotonicTime> run_due() EXCLUDES(mutex, inbox_mutex);
  bool wait_until(std::optional<MonotonicTime> next) EXCLUDES(inbox_mutex);
};

void Scheduler::Impl::run() {
  std::optional<MonotonicTime> next;
  while (wait_until(next)) {
    next = run_due();
  }
}

std::optional<MonotonicTime> Scheduler::Impl::run_due() {
  const base::LockGuard lock(mutex);
  std::vector<Call> calls;
  {
    const base::LockGuard inbox_lock(inbox_mutex);
    calls.swap(inbox);
    jobs_changed = false;
  }
  for (Call& call : calls) {
    queue.add_once(call.identity, call.due, std::move(call.call));
  }
  return queue.run_due(base::system_clock().now());
}

/// Until there is something to do; false if it is to stop.
bool Scheduler::Impl::wait_until(std::optional<MonotonicTime> next) {
  const base::LockGuard lock(inbox_mutex);
  while (!stopping && !jobs_changed && inbox.empty() &&
         (!next || base::system_clock().now() < *next)) {
    if (next) {
      changed.wait_until(inbox_mutex, *next);
    } else {
      changed.wait(inbox_mutex);
    }
  }
  return !stopping;
}

Scheduler::Scheduler() : m_impl(std::make_unique<Impl>()) {
  m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::set_jobs(std::vector<Job> jobs) {
  const base::LockGuard lock(m_impl->mutex);
  m_impl->queue.set_jobs(std::move(jobs), base::system_clock().now());
  const base::LockGuard inbox_lock(m_impl->inbox_mutex);
  m_impl->jobs_changed = true;
  m_impl->changed.notify_one();
}

void Scheduler::run_at(const std::string& identity, MonotonicTime due, std::function<void()> call) {
  const base::LockGuard lock(m_impl->inbox_mutex);
  if (!m_impl->stopping) {
    m_impl->inbox.push_back({identity, due, std::move(call)});
    m_impl->changed.notify_one();
  }
}

void Scheduler::stop() {
  {
    const base::LockGuard lock(m_impl->inbox_mutex);
    m_impl->stopping = true;
    m_impl->changed.notify_one();
  }
  // A second caller waits here until the first has joined.
  std::call_once(m_impl->joined, [this] { m_impl->thread.join(); });
}

}  // namespace inferometer::schedule
