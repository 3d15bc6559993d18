#include "base/log.hpp"
#include "cli/cli.hpp"
#include "cli/terminal/output.hpp"
#include "cli/terminal/terminal.hpp"
#include "selftest/render.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace inferometer::cli {
namespace {

/// Says on a terminal what is being done, in a line that is overwritten.
void show_progress(std::string_view text) {
  if (terminal_behind(STDERR_FILENO).escapes) {
    constexpr std::string_view k_clear_line = "\r\x1b[K";
    fmt::print(stderr, "{}{}", k_clear_line, text);
  }
}

}  // namespace

int run_selftest(const SelftestOptions& options) {
  base::log::configure(base::log::Level::warn, base::log::Format::logfmt);
  const auto rows = selftest::run({}, [](const selftest::Row& row) {
    show_progress(fmt::format("measuring: {} ...", to_string(row)));
  });
  show_progress("");
  if (!rows) {
    std::fprintf(stderr, "%s\n", rows.error().message.c_str());
    return k_exit_failure;
  }
  const std::string text =
      options.json ? selftest::to_json(*rows) + '\n' : selftest::to_table(*rows);
  return print(text) && selftest::is_good(*rows) ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
