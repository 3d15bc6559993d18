#include "daemon/config_watch.hpp"

#include "fakes/eventually.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>

namespace inferometer::daemon {
namespace {

using fakes::eventually;
using namespace std::chrono_literals;

/// A watch over one file, which counts what it says.
struct Watched {
  explicit Watched(const std::string& file)
      : watch(
            1ms, take_fingerprints(file, nullptr),
            [this, file] {
              ++looks;
              return take_fingerprints(file, nullptr);
            },
            [this] { ++changes; }) {}

  /// The watch has looked at least once more from beginning to end.
  [[nodiscard]] bool looked() {
    const int before = looks;
    return eventually([&] { return looks >= before + 2; });
  }

  std::atomic<int> looks{0};
  std::atomic<int> changes{0};
  ConfigWatch watch;
};

}  // namespace

TEST_CASE("config watch: each change is told once and an untouched file never") {
  const fakes::TemporaryFolder folder;
  Watched watched(folder.write("file", "one"));
  REQUIRE(watched.looked());
  CHECK(watched.changes == 0);
  folder.write("new", "two");
  std::filesystem::rename(folder.path("new"), folder.path("file"));
  REQUIRE(eventually([&] { return watched.changes == 1; }));
  REQUIRE(watched.looked());
  CHECK(watched.changes == 1);
}

TEST_CASE("config watch: the swap of a symbolic link is a change if the content is another") {
  const fakes::TemporaryFolder folder;
  const auto mount = [&](const std::string& version, const std::string& content) {
    std::filesystem::create_directory(folder.path(version));
    folder.write(version + "/file", content);
    std::filesystem::create_directory_symlink(version, folder.path("..data_tmp"));
    std::filesystem::rename(folder.path("..data_tmp"), folder.path("..data"));
  };
  mount("..1", "one");
  std::filesystem::create_symlink("..data/file", folder.path("file"));
  Watched watched(folder.path("file"));
  mount("..2", "one");
  std::filesystem::remove_all(folder.path("..1"));
  REQUIRE(watched.looked());
  CHECK(watched.changes == 0);
  mount("..3", "two");
  std::filesystem::remove_all(folder.path("..2"));
  REQUIRE(eventually([&] { return watched.changes == 1; }));
}

TEST_CASE("config watch: a file that is gone for a while has not changed") {
  const fakes::TemporaryFolder folder;
  Watched watched(folder.write("file", "one"));
  std::filesystem::rename(folder.path("file"), folder.path("away"));
  REQUIRE(watched.looked());
  std::filesystem::rename(folder.path("away"), folder.path("file"));
  REQUIRE(watched.looked());
  CHECK(watched.changes == 0);
}

TEST_CASE("config watch: what has changed before its first look is a change") {
  const fakes::TemporaryFolder folder;
  const std::string file = folder.write("file", "one");
  const Fingerprints known = take_fingerprints(file, nullptr);
  folder.write("file", "two");
  std::atomic<int> changes{0};
  const ConfigWatch watch(
      1ms, known, [&] { return take_fingerprints(file, nullptr); }, [&] { ++changes; });
  CHECK(eventually([&] { return changes == 1; }));
}

TEST_CASE("config watch: the prompt files of the workloads belong to it") {
  const fakes::TemporaryFolder folder;
  config::Config config;
  config.workloads.resize(1);
  config.workloads.front().prompt_file = {.path = folder.write("prompt", "text"), .text = {}};
  const std::string file = folder.write("file", "one");
  const Fingerprints before = take_fingerprints(file, &config);
  CHECK(before.size() == 2);
  folder.write("prompt", "another text");
  CHECK(take_fingerprints(file, &config) != before);
}

}  // namespace inferometer::daemon
