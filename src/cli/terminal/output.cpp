#include "cli/terminal/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace inferometer::cli {
namespace {

/// Larger than any text that is printed at once.
constexpr base::BackgroundWriter::Limits k_limits{.lines = 16,
                                                  .bytes = std::size_t{256} * 1024 * 1024};

/// Never destroyed: its thread may wait for a reader that never comes.
base::BackgroundWriter& standard_output() {
  static auto& writer = *new base::BackgroundWriter(
      STDOUT_FILENO, k_limits, [](std::uint64_t /*lost*/) { return std::string(); });
  return writer;
}

}  // namespace

void report_output_failure(int error) {
  if (error != EPIPE) {
    std::fprintf(stderr, "inferometer: cannot write to standard output: %s\n",
                 std::generic_category().message(error).c_str());
  }
}

bool print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno != EINTR) {
      report_output_failure(errno);
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(count < 0 ? 0 : count));
  }
  return true;
}

Output::Output(const daemon::Signals& signals) : m_signals(signals), m_writer(standard_output()) {}

Output::Result Output::print(std::string_view text) {
  constexpr base::Duration k_poll = std::chrono::milliseconds(20);
  m_writer.post(text);
  while (!m_writer.flush(k_poll)) {
    const auto signal = m_signals.wait(base::Duration::zero());
    if (signal && *signal != SIGHUP) {
      return Result::interrupted;
    }
  }
  return good() ? Result::written : Result::failed;
}

bool Output::show(std::string_view text) {
  if (m_writer.flush(base::Duration::zero())) {
    m_writer.post(text);
  }
  return good();
}

bool Output::finish() {
  [[maybe_unused]] const bool written = m_writer.flush(std::chrono::seconds(1));
  return good();
}

bool Output::good() {
  const int error = m_writer.error();
  if (error != 0) {
    report_output_failure(error);
  }
  return error == 0;
}

}  // namespace inferometer::cli
