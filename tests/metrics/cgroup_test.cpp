#include "metrics/cgroup.hpp"

#include "metrics/machine.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

using inferometer::metrics::CpuThrottling;
using inferometer::metrics::k_unified;
using inferometer::metrics::Machine;
using inferometer::metrics::read_cpu_throttling;

namespace {

void check(const Machine& machine, std::uint64_t periods, std::uint64_t throttled, double seconds) {
  const auto figures = machine.read();
  REQUIRE(figures);
  CHECK(figures->periods == periods);
  CHECK(figures->throttled_periods == throttled);
  CHECK(figures->throttled_seconds == doctest::Approx(seconds));
}

/// What a machine of version 2 tells whose own group has that cpu.stat.
std::optional<CpuThrottling> read_stat(std::string_view stat) {
  const Machine machine("0::/a\n", k_unified);
  machine.write("sys/fs/cgroup/a/cpu.stat", stat);
  return machine.read();
}

}  // namespace

TEST_CASE("cgroup: the figures of version 2 are those of our group, in seconds") {
  const Machine machine("0::/system.slice/inferometer.service\n", k_unified);
  machine.write_v2("sys/fs/cgroup/system.slice/inferometer.service", 200, 30, 1'500'000);
  machine.write_v2("sys/fs/cgroup/system.slice/other.service", 1, 1, 1);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: quotas of all ancestors count, and groups without the controller do not") {
  const Machine machine("0::/kubepods.slice/pod1.slice/x.scope\n", k_unified);
  machine.write("sys/fs/cgroup/cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\n");
  machine.make_folder("sys/fs/cgroup/kubepods.slice");
  machine.write_v2("sys/fs/cgroup/kubepods.slice/pod1.slice", 100, 20, 250'000);
  machine.write_v2("sys/fs/cgroup/kubepods.slice/pod1.slice/x.scope", 10, 2, 500'000);
  machine.write_v2("cpu.stat", 1, 1, 1);
  check(machine, 110, 22, 0.75);
}

TEST_CASE("cgroup: the mount of version 2 is found where it is") {
  const Machine machine("0::/a\n", "36 23 0:26 / /run/groups rw - cgroup2 none rw\n");
  machine.write_v2("run/groups/a", 4, 3, 2'000'000);
  machine.write_v2("sys/fs/cgroup/a", 1, 1, 1);
  check(machine, 4, 3, 2);
}

TEST_CASE("cgroup: in a namespace of groups, our group is the top of the mount") {
  const Machine machine("0::/\n", k_unified);
  machine.write_v2("sys/fs/cgroup", 40, 3, 2'000'000);
  check(machine, 40, 3, 2);
}

TEST_CASE("cgroup: without a namespace of groups, what the mount leaves out leaves the path") {
  const std::string id = "/kubepods/pod1/0123456789abcdef";
  const Machine machine("0::" + id + "/worker\n",
                        "36 23 0:26 " + id + " /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  machine.write_v2("sys/fs/cgroup", 40, 3, 2'000'000);
  machine.write_v2("sys/fs/cgroup/worker", 2, 1, 500'000);
  check(machine, 42, 4, 2.5);
}

TEST_CASE("cgroup: a mount of another subtree is not ours, whatever it has at its top") {
  for (const char* root : {"/docker/2", "/docker/1/deeper", "/docke", "/docker/1x"}) {
    CAPTURE(root);
    const Machine machine("0::/docker/1\n", "36 23 0:26 " + std::string(root) +
                                                " /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
    machine.write_v2("sys/fs/cgroup", 40, 3, 2'000'000);
    machine.write_v2("sys/fs/cgroup/docker/1", 40, 3, 2'000'000);
    CHECK_FALSE(machine.read().has_value());
  }
}

TEST_CASE("cgroup: a path above the namespace is found in a mount that begins as high") {
  const Machine machine("0::/../sidecar\n", "36 23 0:26 /.. /host rw - cgroup2 cgroup rw\n");
  machine.write_v2("host/sidecar", 40, 3, 2'000'000);
  machine.write_v2("host", 2, 1, 500'000);
  check(machine, 42, 4, 2.5);
}

TEST_CASE("cgroup: a group that lies outside of the mount has no figures") {
  const Machine machine("0::/../sidecar\n", k_unified);
  machine.write_v2("sys/fs/sidecar", 40, 3, 2'000'000);
  machine.write_v2("sys/fs/cgroup", 40, 3, 2'000'000);
  CHECK_FALSE(machine.read().has_value());
}

TEST_CASE("cgroup: names between the top of the mount and the namespace are not guessed") {
  for (const char* group : {"/", "/../sidecar", "/a"}) {
    CAPTURE(group);
    const Machine machine("0::" + std::string(group) + "\n",
                          "36 23 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
    machine.write_v2("sys/fs/cgroup", 40, 3, 2'000'000);
    machine.write_v2("sys/fs/cgroup/a", 40, 3, 2'000'000);
    CHECK_FALSE(machine.read().has_value());
  }
}

TEST_CASE("cgroup: of several mounts, the one that shows the most ancestors is read, once") {
  const std::string own = "36 23 0:26 /pod/1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  const std::string host = "37 23 0:26 / /host/sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  for (const auto& mounts : {own + host, host + own, host + host}) {
    CAPTURE(mounts);
    const Machine machine("0::/pod/1\n", mounts);
    machine.write_v2("sys/fs/cgroup", 10, 2, 500'000);
    machine.write_v2("host/sys/fs/cgroup/pod/1", 10, 2, 500'000);
    machine.write_v2("host/sys/fs/cgroup/pod", 100, 20, 250'000);
    check(machine, 110, 22, 0.75);
  }
}

TEST_CASE("cgroup: a mount that something else hides gives way to one that shows our group") {
  const Machine machine("0::/pod/1\n",
                        "36 23 0:26 / /hidden ro - cgroup2 cgroup rw\n"
                        "37 23 0:26 /pod /shown ro - cgroup2 cgroup rw\n");
  machine.write_v2("hidden", 7, 7, 7);
  machine.write_v2("shown/1", 10, 2, 500'000);
  check(machine, 10, 2, 0.5);
}

TEST_CASE("cgroup: version 1 counts nanoseconds, and is mounted with cpuacct in either order") {
  for (const char* controllers : {"cpu,cpuacct", "cpuacct,cpu", "cpu"}) {
    CAPTURE(controllers);
    const std::string names = controllers;
    const Machine machine(
        "12:cpuset:/\n3:" + names + ":/user.slice\n2:cpuacct:/wrong\n1:name=x:/\n",
        "36 31 0:33 / /sys/fs/cgroup/" + names +
            " rw,nosuid shared:17 master:3 - cgroup cgroup rw," + names + "\n");
    const std::string point = "sys/fs/cgroup/" + names;
    machine.write_v1(point, 0, 0, 0);
    machine.write_v1(point + "/user.slice", 200, 30, 1'500'000'000);
    machine.write_v1("sys/fs/cgroup/cpuacct/user.slice", 1, 1, 1);
    check(machine, 200, 30, 1.5);
  }
}

TEST_CASE("cgroup: a container of version 1 has its group at the top of its mount") {
  const Machine machine("4:cpu,cpuacct:/docker/0123456789abcdef\n0::/docker/0123456789abcdef\n",
                        "36 31 0:33 /docker/0123456789abcdef /sys/fs/cgroup/cpu,cpuacct ro "
                        "master:17 - cgroup cgroup rw,cpu,cpuacct\n");
  machine.write_v1("sys/fs/cgroup/cpu,cpuacct", 200, 30, 1'500'000'000);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: where version 1 has the controller, version 2 beside it is not read") {
  const std::string unified = "37 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  const std::string cpu = "36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
  for (const char* membership : {"0::/new\n4:cpu:/old\n", "4:cpu:/old\n0::/new\n"}) {
    CAPTURE(membership);
    const Machine machine(membership, unified + cpu);
    machine.write_v1("sys/fs/cgroup/cpu/old", 200, 30, 1'500'000'000);
    machine.write_v2("sys/fs/cgroup/unified/new", 1, 1, 1);
    machine.write_v2("sys/fs/cgroup/unified/old", 1, 1, 1);
    check(machine, 200, 30, 1.5);
  }
}

TEST_CASE("cgroup: where version 1 does not have the controller, version 2 beside it is read") {
  const Machine machine("2:memory:/old\n1:cpuset,cpuacct:/old\n0::/new\n", k_unified);
  machine.write_v2("sys/fs/cgroup/new", 200, 30, 1'500'000);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: a version 1 whose mount we do not see has no figures") {
  const Machine machine("4:cpu,cpuacct:/a\n", k_unified);
  machine.write_v1("sys/fs/cgroup/a", 200, 30, 1'500'000'000);
  machine.write_v1("sys/fs/cgroup/cpuacct/a", 200, 30, 1'500'000'000);
  CHECK_FALSE(machine.read().has_value());
}

TEST_CASE("cgroup: the kernel's escapes in paths of mounts are resolved") {
  const Machine machine("0::/a b\\134/tab\there/c\n",
                        "36 23 0:26 /a\\040b\\134134/tab\\011here /my\\040groups\\134x\\9\\1 rw - "
                        "cgroup2 cgroup2 rw\n");
  machine.write_v2("my groups\\x\\9\\1/c", 200, 30, 1'500'000);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: a name of a group may hold colons, commas and dashes") {
  const Machine machine("0::/a:b,cpu - c\n", k_unified);
  machine.write_v2("sys/fs/cgroup/a:b,cpu - c", 200, 30, 1'500'000);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: an empty source of a mount does not shift its options") {
  const Machine machine("4:cpu:/\n", "36 31 0:33 / /cpu rw - cgroup  rw,cpu\n");
  machine.write_v1("cpu", 200, 30, 1'500'000'000);
  check(machine, 200, 30, 1.5);
}

TEST_CASE("cgroup: a group without a quota is a zero and not nothing") {
  const Machine machine("0::/a\n", k_unified);
  machine.write_v2("sys/fs/cgroup/a", 0, 0, 0);
  check(machine, 0, 0, 0);
}

TEST_CASE("cgroup: no controller, no file and no mount give no figures") {
  CHECK_FALSE(read_cpu_throttling("/nonexistent").has_value());
  CHECK_FALSE(read_stat("usage_usec 5\nuser_usec 3\nsystem_usec 2\n").has_value());
  const Machine no_stat("0::/a\n", k_unified);
  no_stat.make_folder("sys/fs/cgroup/a");
  CHECK_FALSE(no_stat.read().has_value());
  const Machine no_mount("0::/\n", "");
  no_mount.write_v2("sys/fs/cgroup", 4, 3, 2);
  CHECK_FALSE(no_mount.read().has_value());
  const Machine no_mountinfo("0::/\n", k_unified);
  no_mountinfo.write_v2("sys/fs/cgroup", 4, 3, 2);
  CHECK(no_mountinfo.read().has_value());
  std::filesystem::remove(no_mountinfo.path("proc/self/mountinfo"));
  CHECK_FALSE(no_mountinfo.read().has_value());
}

TEST_CASE("cgroup: what is no cpu.stat contributes nothing") {
  constexpr std::string_view k_good = "nr_periods 4\nnr_throttled 3\nthrottled_usec 2\n";
  CHECK(read_stat(k_good).has_value());
  for (const std::string_view stat :
       {"", "\n\n", "nr_periods 4\nnr_throttled 3\n", "nr_periods 4\nthrottled_usec 2\n",
        "nr_throttled 3\nthrottled_usec 2\n", "nr_periods\nnr_throttled\nthrottled_usec\n",
        "nr_periods -4\nnr_throttled 3\nthrottled_usec 2\n",
        "nr_periods 4x\nnr_throttled 3\nthrottled_usec 2\n",
        "nr_periods  4\nnr_throttled 3\nthrottled_usec 2\n",
        "nr_periods 4 4\nnr_throttled 3\nthrottled_usec 2\n",
        "nr_periods 4\nnr_throttled 0x3\nthrottled_usec 2\n",
        "nr_periods 4\nnr_throttled 3\nthrottled_usec 18446744073709551616\n",
        "xnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n"}) {
    CAPTURE(stat);
    CHECK_FALSE(read_stat(stat).has_value());
  }
}

TEST_CASE("cgroup: the largest figures stay finite") {
  const auto figures = read_stat(
      "nr_periods 18446744073709551615\nnr_throttled 18446744073709551615\n"
      "throttled_usec 18446744073709551615\n");
  REQUIRE(figures);
  CHECK(figures->periods == 18446744073709551615U);
  CHECK(figures->throttled_seconds == doctest::Approx(18446744073709.55));
}

TEST_CASE("cgroup: one group that cannot be read makes the sum no value and not a smaller one") {
  const Machine machine("0::/pod/a\n", k_unified);
  machine.write_v2("sys/fs/cgroup", 4, 3, 2);
  machine.write_v2("sys/fs/cgroup/pod/a", 4, 3, 2);
  CHECK(machine.read().has_value());
  SUBCASE("a folder") {
    machine.make_folder("sys/fs/cgroup/pod/cpu.stat");
  }
  SUBCASE("a pipe that nobody writes to") {
    REQUIRE(mkfifo(machine.path("sys/fs/cgroup/pod/cpu.stat").c_str(), 0600) == 0);
  }
  SUBCASE("far too long") {
    machine.write("sys/fs/cgroup/pod/cpu.stat", std::string(1'000'000, '\n'));
  }
  CHECK_FALSE(machine.read().has_value());
}

TEST_CASE("cgroup: broken lines before the good ones are passed over") {
  const Machine machine(
      "\n:\n::\n0:\n0::\nx\n4:cpu\n:::::\n0::/a\n",
      "\n - \n - cgroup2\n - cgroup2 cgroup2 rw\n36 - cgroup2 cgroup2 rw\n"
      "36 23 0:26 / - cgroup2 cgroup2 rw\n36 23 0:26   rw - cgroup2 cgroup2 rw\n"
      "36 23 0:26 / /wrong rw - cgroup2 cgroup2\n36 23 0:26 / /wrong rw cgroup2 cgroup2 rw\n"
      "36 23 0:26 a /wrong rw - cgroup2 cgroup2 rw\n" +
          std::string(k_unified));
  machine.write_v2("wrong/a", 1, 1, 1);
  machine.write_v2("sys/fs/cgroup/a", 4, 3, 2'000'000);
  check(machine, 4, 3, 2);
}

TEST_CASE("cgroup: garbage in place of every list is no crash") {
  std::string noise;
  for (unsigned i = 0; i < 60'000; ++i) {
    noise += static_cast<char>((i * 2654435761U) >> 24U);
  }
  std::string deep = "0::";
  for (int i = 0; i < 20'000; ++i) {
    deep += "/a";
  }
  for (const std::string& text : {noise, deep, std::string(60'000, '/'), std::string(60'000, ' '),
                                  std::string(60'000, '\\'), std::string(60'000, ':')}) {
    const Machine broken_membership(text, k_unified);
    broken_membership.make_folder("sys/fs/cgroup");
    CHECK_FALSE(broken_membership.read().has_value());
    const Machine broken_mounts("0::/a\n", text);
    CHECK_FALSE(broken_mounts.read().has_value());
    CHECK_FALSE(read_stat(text.substr(0, 10'000)).has_value());
  }
}

TEST_CASE("cgroup: lists without end are not read") {
  const Machine machine("0::/a\n", k_unified);
  machine.write_v2("sys/fs/cgroup/a", 4, 3, 2);
  CHECK(machine.read().has_value());
  SUBCASE("the mounts") {
    machine.write("proc/self/mountinfo", k_unified + std::string(2'000'000, '\n'));
  }
  SUBCASE("the groups") {
    machine.write("proc/self/cgroup", "0::/a\n" + std::string(2'000'000, '\n'));
  }
  CHECK_FALSE(machine.read().has_value());
}

TEST_CASE("cgroup: this machine tells nothing or plausible figures") {
  const auto before = read_cpu_throttling();
  const auto after = read_cpu_throttling();
  CHECK(before.has_value() == after.has_value());
  if (before && after) {
    CHECK(std::isfinite(before->throttled_seconds));
    CHECK(before->throttled_seconds >= 0);
    CHECK(after->throttled_seconds >= before->throttled_seconds);
    CHECK(after->throttled_periods >= before->throttled_periods);
    CHECK(after->periods >= before->periods);
  }
}
