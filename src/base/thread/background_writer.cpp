#include "base/thread/background_writer.hpp"

#include "base/thread/mutex.hpp"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace inferometer::base {
namespace {

/// Blocks all signals in a scope, and so in the threads that it starts: the program takes its
/// signals itself, and a reader that left must not end it by SIGPIPE.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &m_before);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

 private:
  sigset_t m_before{};
};

/// Returns 0 or errno. Not through stdio: a thread that waits in write() there holds a lock that
/// all others need.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

constexpr auto k_line = spdlog::level::critical;
constexpr auto k_notice = spdlog::level::warn;

/// Hands each line or notice to a function, on the thread of the queue.
class FunctionSink final : public spdlog::sinks::sink {
 public:
  using Write = std::function<void(std::string_view text, bool is_notice)>;

  explicit FunctionSink(Write write) : m_write(std::move(write)) {}

  void log(const spdlog::details::log_msg& message) override {
    m_write({message.payload.data(), message.payload.size()}, message.level == k_notice);
  }
  void flush() override {}
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

 private:
  const Write m_write;
};

std::shared_ptr<spdlog::details::thread_pool> start_thread(std::size_t most_lines) {
  const SignalsBlocked blocked;
  return std::make_shared<spdlog::details::thread_pool>(most_lines, 1);
}

}  // namespace

struct BackgroundWriter::Impl {
  Impl(int to, Limits most, MakeNotice make)
      : descriptor(to),
        limits(most),
        make_notice(std::move(make)),
        thread(start_thread(most.lines + 1)),  // with the notice
        // Its queue is never full, as lines are counted here, so it neither waits nor overruns.
        logger(std::make_shared<spdlog::async_logger>(
            "", std::make_shared<FunctionSink>([this](std::string_view text, bool is_notice) {
              write(text, is_notice);
            }),
            thread, spdlog::async_overflow_policy::overrun_oldest)) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  /// First the thread, once it has written what waits: it uses all the rest.
  ~Impl() { thread.reset(); }

  [[nodiscard]] bool has_room(std::size_t size) REQUIRES(mutex) {
    // Once it was full, half of it must be free again: else each line that is written would let
    // in one line and a notice.
    const std::size_t share = overflowing ? 2 : 1;
    overflowing = lines >= limits.lines / share || bytes + size > limits.bytes / share;
    return !overflowing;
  }

  void enqueue(spdlog::level::level_enum what, std::string_view text) REQUIRES(mutex) {
    logger->log(what, spdlog::string_view_t(text.data(), text.size()));
    ++lines;
    bytes += text.size();
  }

  void report_lost() REQUIRES(mutex) {
    if (lost > 0 && lines <= limits.lines) {
      enqueue(k_notice, make_notice(std::exchange(lost, 0)));
    }
  }

  void lose() REQUIRES(mutex) {
    ++lost;
    ++dropped;
  }

  /// On the queue's thread.
  void write(std::string_view text, bool is_notice) EXCLUDES(mutex) {
    const int failure = write_all(descriptor, text);
    const LockGuard lock(mutex);
    if (failure != 0 && !is_notice) {
      error = failure;
      lose();
    }
    --lines;
    bytes -= text.size();
    if (lines == 0) {
      empty.notify_all();
    }
  }

  const int descriptor;
  const Limits limits;
  const MakeNotice make_notice;
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<int> error{0};

  Mutex mutex;
  CondVar empty;
  std::size_t lines GUARDED_BY(mutex) = 0;   ///< posted and not written yet
  std::size_t bytes GUARDED_BY(mutex) = 0;   ///< of these
  std::uint64_t lost GUARDED_BY(mutex) = 0;  ///< since the last notice
  bool overflowing GUARDED_BY(mutex) = false;

  std::shared_ptr<spdlog::details::thread_pool> thread;
  const std::shared_ptr<spdlog::async_logger> logger;
};

BackgroundWriter::BackgroundWriter(int descriptor, Limits limits, MakeNotice make_notice)
    : m_impl(std::make_unique<Impl>(descriptor, limits, std::move(make_notice))) {}

BackgroundWriter::~BackgroundWriter() = default;

void BackgroundWriter::post(std::string_view line) {
  const LockGuard lock(m_impl->mutex);
  if (!m_impl->has_room(line.size())) {
    m_impl->lose();
    return;
  }
  m_impl->report_lost();
  m_impl->enqueue(k_line, line);
}

bool BackgroundWriter::flush(Duration timeout) {
  const MonotonicTime deadline = system_clock().now() + timeout;
  const LockGuard lock(m_impl->mutex);
  m_impl->report_lost();
  while (m_impl->lines > 0 && system_clock().now() < deadline) {
    m_impl->empty.wait_until(m_impl->mutex, deadline);
  }
  return m_impl->lines == 0;
}

std::uint64_t BackgroundWriter::dropped() const {
  return m_impl->dropped;
}

int BackgroundWriter::error() const {
  return m_impl->error;
}

}  // namespace inferometer::base
