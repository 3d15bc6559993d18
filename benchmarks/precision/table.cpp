#include "precision/table.hpp"

#include <fmt/format.h>

namespace inferometer::precision {
namespace {

std::string times(const Spread& spread) {
  return fmt::format("{:.0f} / {:.0f}", spread.p50, spread.p99);
}

std::string cpu(const Row& row) {
  if (!row.bare) {
    return fmt::format("{:.1f}", row.figures.cpu_per_event);
  }
  return fmt::format("{:.1f} ({:.2f} × {:.1f})", row.figures.cpu_per_event,
                     row.figures.cpu_per_event / row.bare->cpu_per_event, row.bare->cpu_per_event);
}

/// All, and of which kind they are.
std::string wrong(const Wrong& wrong) {
  return wrong.all() == 0
             ? "0"
             : fmt::format("{} ({} TTFT, {} ITL, {} connect, {} duration)", wrong.all(), wrong.ttft,
                           wrong.itl, wrong.connect, wrong.duration);
}

std::string behind(const Row& row) {
  return times(row.figures.behind) +
         (row.bare ? fmt::format(" ({})", times(row.bare->behind)) : std::string());
}

std::string memory(const Figures& figures) {
  return figures.memory_per_stream > 0 ? fmt::format("{:.1f}", figures.memory_per_stream) : "";
}

}  // namespace

std::string table_head() {
  return "| load | connection | events/s | stamp behind send, µs p50 / p99 (bare reader) | TTFT "
         "off, "
         "µs p50 / p99 | ITL off, µs p50 / p99 | kept | wrong and kept | failed | CPU per event, "
         "µs "
         "(× bare reader) | KiB per stream |\n"
         "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
}

std::string table_line(const Row& row) {
  const Figures& figures = row.figures;
  return fmt::format("| {} | {} | {:.0f} | {} | {} | {} | {:.1f} % | {} | {} | {} | {} |\n",
                     to_string(row.which.load), to_string(row.which.mode),
                     figures.events_per_second, behind(row), times(figures.ttft_off),
                     times(figures.itl_off), 100 * figures.kept, wrong(figures.wrong),
                     figures.failed, cpu(row), memory(figures));
}

}  // namespace inferometer::precision
