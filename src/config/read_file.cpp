#include "config/read_file.hpp"

#include "base/descriptor.hpp"
#include "base/duration.hpp"
#include "base/secret.hpp"
#include "base/thread/mutex.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

tl::unexpected<base::Error> fail_with_errno() {
  return base::fail(std::generic_category().message(errno));
}

/// Waits for what does not block by itself, as a terminal that somebody else has set so.
void wait_until_readable(int descriptor) {
  pollfd readable{.fd = descriptor, .events = POLLIN, .revents = 0};
  poll(&readable, 1, -1);
}

base::Result<std::string> read_all(int descriptor, std::size_t size_hint, std::size_t max_bytes) {
  // One byte more than expected shows that the end was reached, or that there is too much.
  std::string content(std::min(size_hint, max_bytes) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = read(descriptor, content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0 && errno == EAGAIN) {
      wait_until_readable(descriptor);
      continue;
    }
    if (count < 0) {
      return fail_with_errno();
    }
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) {
      return base::fail(fmt::format("larger than {} bytes", max_bytes));
    }
    if (count == 0) {
      content.resize(size);
      return content;
    }
    if (size == content.size()) {  // it has grown since it was measured
      content.resize(std::min(size * 2, max_bytes + 1));
    }
  }
}

struct Opened {
  base::Descriptor descriptor;
  struct stat status {};
};

base::Result<Opened> check(base::Descriptor descriptor) {
  Opened opened{.descriptor = std::move(descriptor), .status = {}};
  if (!opened.descriptor.valid() || fstat(opened.descriptor.get(), &opened.status) != 0) {
    return fail_with_errno();
  }
  if (S_ISDIR(opened.status.st_mode)) {
    return base::fail("it is a directory");
  }
  return opened;
}

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

std::filesystem::path folder_of(const std::string& file_name) {
  std::error_code ignored;  // without a current folder, paths stay relative
  return std::filesystem::current_path(ignored) / std::filesystem::path(file_name).parent_path();
}

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const base::Result<Opened> opened =
      check(base::Descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)));
  if (!opened) {
    return tl::make_unexpected(opened.error());
  }
  if (!S_ISREG(opened->status.st_mode)) {
    return base::fail("it is not a regular file");
  }
  return read_all(opened->descriptor.get(), static_cast<std::size_t>(opened->status.st_size),
                  max_bytes);
}

base::Result<FileContent> read_file_or_pipe(const std::string& path, std::size_t max_bytes) {
  const base::Result<Opened> opened = check(base::Descriptor(
      path == k_standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                               : open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC)));
  if (!opened) {
    return tl::make_unexpected(opened.error());
  }
  constexpr std::size_t k_pipe_size = std::size_t{64} * 1024;
  const bool regular = S_ISREG(opened->status.st_mode);
  auto text =
      read_all(opened->descriptor.get(),
               regular ? static_cast<std::size_t>(opened->status.st_size) : k_pipe_size, max_bytes);
  if (!text) {
    return tl::make_unexpected(text.error());
  }
  return FileContent{.text = *std::move(text), .regular = regular && path != k_standard_input};
}

Result<std::string> read_within(Duration limit, const std::string& path, const Read& read) {
  return reads().read(limit, path, read);
}

Result<std::string> read_file_within(Duration limit, const std::string& path,
                                     std::size_t max_bytes) {
  return read_within(limit, path,
                     [max_bytes](const std::string& name) { return read_file(name, max_bytes); });
}

}  // namespace inferometer::config
