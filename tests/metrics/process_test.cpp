#include "metrics/process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

using inferometer::metrics::parse_proc_stat;
using inferometer::metrics::read_process_status;

namespace {

constexpr const char* k_after_name =
    " S 1 2 3 4 5 6 7 8 9 10 141 152 16 17 18 19 20 21 222 23000000 2400 25 26\n";

}  // namespace

TEST_CASE("the figures of a stat file are those that proc numbers") {
  const auto stat = parse_proc_stat(std::string("12 (inferometer)") + k_after_name);
  REQUIRE(stat);
  CHECK(stat->user_ticks == 141);
  CHECK(stat->system_ticks == 152);
  CHECK(stat->start_ticks == 222);
  CHECK(stat->virtual_bytes == 23000000);
  CHECK(stat->resident_pages == 2400);
}

TEST_CASE("a command name with spaces and parentheses and newlines does not shift the figures") {
  const auto stat = parse_proc_stat(std::string("12 (a) S (1 2\n) b)") + k_after_name);
  REQUIRE(stat);
  CHECK(stat->user_ticks == 141);
}

TEST_CASE("what is no stat file gives no figures") {
  CHECK_FALSE(parse_proc_stat("").has_value());
  CHECK_FALSE(parse_proc_stat("12 (x").has_value());
  CHECK_FALSE(parse_proc_stat("12 (x) S 1 2 3").has_value());
  CHECK_FALSE(parse_proc_stat("12 (x) S a b c d e f g h i j k l m n o p q r s t u v").has_value());
}

TEST_CASE("this process has plausible figures") {
  const auto status = read_process_status();
  CHECK(status.cpu_seconds.value() >= 0);
  CHECK(status.cpu_seconds.value() < 600);
  CHECK(status.resident_bytes.value() > 1e6);
  CHECK(status.virtual_bytes.value() >= status.resident_bytes.value());
  CHECK(status.max_fds.value() >= status.open_fds.value());
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(status.start_time.value() < now + 2);  // the boot time is known to the second
  CHECK(status.start_time.value() > now - 600);
}

TEST_CASE("open descriptors are counted without the one that counts") {
  double before = 0;
  for (int fd = 0; fd < 4096; ++fd) {
    before += fcntl(fd, F_GETFD) != -1 ? 1 : 0;
  }
  CHECK(read_process_status().open_fds.value() == before);
  std::vector<int> open;
  for (int i = 0; i < 5; ++i) {
    open.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    REQUIRE(open.back() >= 0);
  }
  CHECK(read_process_status().open_fds.value() == before + 5);
  for (const int fd : open) {
    ::close(fd);
  }
  CHECK(read_process_status().open_fds.value() == before);
}
