#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::base {

/// Writes texts, such as the lines of a log, to a descriptor on a thread of its own, in the order
/// in which they were posted, so that no caller waits for the reader. A text that finds the queue
/// full is dropped and counted, until the queue is half empty; then a notice tells how many are
/// missing at that place. Thread-safe.
class BackgroundWriter {
 public:
  struct Limits {
    std::size_t lines = 8192;
    std::size_t bytes = std::size_t{8} * 1024 * 1024;
  };

  /// The line, with its end, that tells of that many lost ones since the last notice.
  using MakeNotice = std::function<std::string(std::uint64_t lost)>;

  /// The descriptor is the caller's and must stay open. Throws where there can be no thread.
  BackgroundWriter(int descriptor, Limits limits, MakeNotice make_notice);
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;
  ~BackgroundWriter();  ///< writes what is left, which may wait for the reader

  /// Takes one line, or several that belong together, with their end. Never waits for the writing.
  void post(std::string_view line);

  /// Waits until what was posted before is written; false if it is not within `timeout`.
  [[nodiscard]] bool flush(Duration timeout);

  /// The lines that were not written, as the queue was full or the descriptor refused them.
  [[nodiscard]] std::uint64_t dropped() const;

  /// Why the descriptor last refused a line, as errno; 0 if it never did.
  [[nodiscard]] int error() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::base
