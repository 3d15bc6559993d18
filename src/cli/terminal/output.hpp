#pragma once

#include "base/thread/background_writer.hpp"
#include "daemon/signals.hpp"

#include <string_view>

/// Standard output, where a result that could not be written is a failure.
namespace inferometer::cli {

/// Writes `text`. False if that failed, which was then said on stderr, but for a reader that left,
/// as `| head` does.
[[nodiscard]] bool print(std::string_view text);

/// Says on stderr why standard output could not be written, unless its reader has left; `error` is
/// an errno.
void report_output_failure(int error);

/// Standard output of a command that takes signals: written by a thread of its own, so that signals
/// are handled also while a stopped terminal, or a pipe that is not read, blocks the writing. For
/// one thread.
class Output {
 public:
  explicit Output(const daemon::Signals& signals);

  enum class Result { written, failed, interrupted };
  /// Writes `text` and waits for that, or for a signal. A failure is reported.
  [[nodiscard]] Result print(std::string_view text);

  /// Writes `text` without waiting, unless the one before still is not written: then it is left
  /// out. False once a text could not be written, which is reported.
  [[nodiscard]] bool show(std::string_view text);

  /// Waits a moment for what is shown to be written. False as show().
  [[nodiscard]] bool finish();

 private:
  [[nodiscard]] bool good();

  const daemon::Signals& m_signals;
  base::BackgroundWriter& m_writer;
};

}  // namespace inferometer::cli
