#include "config/read_file_within.hpp"

#include "base/duration.hpp"
#include "base/mutex.hpp"
#include "base/secret.hpp"
#include "config/read_file.hpp"

#include <fmt/format.h>

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace inferometer::config {
namespace {

using base::Duration;
using base::LockGuard;
using base::MonotonicTime;
using base::Result;
using base::Secret;

constexpr std::size_t k_max_threads = 16;

/// For how long the outcome of a read that took too long serves.
constexpr Duration k_late_for = std::chrono::minutes(5);

using Read = std::function<Result<std::string>(const std::string& path)>;

/// The reads that are under way, and what came too late for those who had asked. It is kept as a
/// secret, since it may be one.
class Reads {
 public:
  Result<std::string> read(Duration limit, const std::string& path, const Read& read)
      EXCLUDES(m_mutex);

 private:
  struct Attempt {
    MonotonicTime begun{};
    std::optional<Result<Secret>> result;  ///< none: under way
  };
  struct Late {
    Result<Secret> result;
    MonotonicTime at{};
  };
  struct Entry {
    std::shared_ptr<Attempt> under_way;
    std::optional<Late> late;
  };

  Result<std::shared_ptr<Attempt>> begin(Duration limit, const std::string& path, const Read& read)
      REQUIRES(m_mutex);
  void finish(Duration limit, const std::string& path, Result<Secret> result) EXCLUDES(m_mutex);

  base::Mutex m_mutex;
  base::CondVar m_finished;
  std::map<std::string, Entry> m_entries GUARDED_BY(m_mutex);
  std::size_t m_threads GUARDED_BY(m_mutex) = 0;
};

Result<Secret> as_secret(const Read& read, const std::string& path) {
  try {
    return read(path).map([](std::string content) { return Secret(std::move(content)); });
  } catch (const std::exception& exception) {
    return base::fail(exception.what());
  }
}

Result<std::string> revealed(const Result<Secret>& secret) {
  return secret.map([](const Secret& content) { return content.reveal(); });
}

Result<std::string> Reads::read(Duration limit, const std::string& path, const Read& read) {
  const LockGuard lock(m_mutex);
  const MonotonicTime now = std::chrono::steady_clock::now();
  Entry& entry = m_entries[path];
  std::optional<Late> late = entry.late;
  if (late && late->at + k_late_for < now) {
    late.reset();
  }
  std::shared_ptr<Attempt> attempt = entry.under_way;
  if (!attempt) {
    auto begun = begin(limit, path, read);
    if (!begun) {
      return tl::make_unexpected(begun.error());
    }
    attempt = *std::move(begun);
  }
  const MonotonicTime deadline = attempt->begun + limit;
  while (!late && !attempt->result && std::chrono::steady_clock::now() < deadline) {
    m_finished.wait_until(m_mutex, deadline);
  }
  if (attempt->result) {
    return revealed(*attempt->result);
  }
  if (late) {
    return revealed(late->result);
  }
  return base::fail(fmt::format("reading it takes longer than {}: is its file system there?",
                                base::format_duration(limit)));
}

Result<std::shared_ptr<Reads::Attempt>> Reads::begin(Duration limit, const std::string& path,
                                                     const Read& read) {
  if (m_threads == k_max_threads) {
    return base::fail("too many other files cannot be read: are their file systems there?");
  }
  auto attempt = std::make_shared<Attempt>();
  attempt->begun = std::chrono::steady_clock::now();
  try {
    std::thread([this, limit, path, read] { finish(limit, path, as_secret(read, path)); }).detach();
  } catch (const std::system_error& error) {
    return base::fail(fmt::format("no thread to be had: {}", error.code().message()));
  }
  ++m_threads;
  m_entries[path].under_way = attempt;
  return attempt;
}

void Reads::finish(Duration limit, const std::string& path, Result<Secret> result) {
  const LockGuard lock(m_mutex);
  --m_threads;
  Entry& entry = m_entries[path];
  const std::shared_ptr<Attempt> attempt = std::exchange(entry.under_way, nullptr);
  const MonotonicTime now = std::chrono::steady_clock::now();
  if (now - attempt->begun < limit) {
    m_entries.erase(path);
  } else {
    entry.late = Late{.result = result, .at = now};
  }
  attempt->result = std::move(result);
  m_finished.notify_all();
}

Reads& reads() {
  static Reads& instance = *new Reads;  // never destroyed: the threads that hang refer to it
  return instance;
}

}  // namespace

Result<std::string> read_within(Duration limit, const std::string& path, const Read& read) {
  return reads().read(limit, path, read);
}

Result<std::string> read_file_within(Duration limit, const std::string& path,
                                     std::size_t max_bytes) {
  return read_within(limit, path,
                     [max_bytes](const std::string& name) { return read_file(name, max_bytes); });
}

}  // namespace inferometer::config
