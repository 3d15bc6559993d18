#include "metrics/machine.hpp"
#include "metrics/process.hpp"

#include <doctest/doctest.h>
#include <prometheus/text_serializer.h>

#include <memory>
#include <string>

using namespace inferometer::metrics;

namespace {

std::string serialize(const prometheus::Collectable& collectable) {
  return prometheus::TextSerializer().Serialize(collectable.Collect());
}

}  // namespace

TEST_CASE("the process can be shown by prometheus-cpp alone") {
  const std::string text = serialize(*make_process_collectable());
  CHECK(text.find("# HELP process_open_fds Open file descriptors of the process.\n"
                  "# TYPE process_open_fds gauge\n"
                  "process_open_fds ") != std::string::npos);
  CHECK(text.find("# TYPE process_cpu_seconds_total counter\n") != std::string::npos);
  CHECK(text.find("# TYPE inferometer_log_lines_dropped_total counter\n") != std::string::npos);
}

TEST_CASE("figures of the process are read anew each time, and those that vanish are left out") {
  const Machine machine("0::/a\n", k_unified);
  const auto collectable = make_process_collectable(machine.path());
  CHECK(serialize(*collectable).find("inferometer_cpu_periods_total") == std::string::npos);
  machine.write_v2("sys/fs/cgroup/a", 200, 30, 1'500'000);
  CHECK(serialize(*collectable).find("\ninferometer_cpu_periods_total 200\n") != std::string::npos);
  machine.write_v2("sys/fs/cgroup/a", 150, 30, 1'500'000);  // another group's, of the same name
  CHECK(serialize(*collectable).find("\ninferometer_cpu_periods_total 150\n") != std::string::npos);
  machine.write("sys/fs/cgroup/a/cpu.stat", "usage_usec 900\n");
  CHECK(serialize(*collectable).find("inferometer_cpu_periods_total") == std::string::npos);
}
