#include "config/read_file.hpp"
#include "fakes/eventually.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace inferometer::config {
namespace {

using namespace std::chrono_literals;

/// A file whose reads hang until the test lets them go on. Shared with the threads left behind.
struct HangingFile {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> reads{0};
};

auto reading(const std::shared_ptr<HangingFile>& file, std::string content) {
  return [file, content = std::move(content)](const std::string& /*path*/) {
    ++file->reads;
    file->opened.wait();
    return base::Result<std::string>(content);
  };
}

}  // namespace

TEST_CASE("a file that can be read is read as ever") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("key", "one");
  CHECK(read_file_within(10s, path, 100) == "one");
  folder.write("key", "two");
  CHECK(read_file_within(10s, path, 100) == "two");
  CHECK_FALSE(read_file_within(10s, path, 2));
  CHECK_FALSE(read_file_within(10s, folder.path("none"), 100));
}

TEST_CASE("a file that hangs keeps nobody longer than the limit and takes one thread alone") {
  const auto file = std::make_shared<HangingFile>();
  const auto begin = std::chrono::steady_clock::now();
  const auto first = read_within(50ms, "hangs", reading(file, "late"));
  REQUIRE_FALSE(first);
  CHECK(first.error().message.find("longer than 50ms") != std::string::npos);
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(read_within(50ms, "hangs", reading(file, "late")));  // at once
  }
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  CHECK(file->reads == 1);
  CHECK(read_within(10s, "other", [](const std::string&) -> base::Result<std::string> {
          return "other";
        }) == "other");
  file->open.set_value();
}

TEST_CASE("what came too late serves the next caller, who begins another read") {
  const auto file = std::make_shared<HangingFile>();
  REQUIRE_FALSE(read_within(10ms, "late", reading(file, "first")));
  file->open.set_value();
  REQUIRE(fakes::eventually([&] {
    const auto next = read_within(10ms, "late", reading(file, "second"));
    return next && (*next == "first" || *next == "second");
  }));
  CHECK(fakes::eventually([&] {
    const auto next = read_within(10s, "late", reading(file, "second"));
    return next && *next == "second";
  }));
}

TEST_CASE("those who ask for the same file at once share one read") {
  const auto file = std::make_shared<HangingFile>();
  std::vector<std::future<base::Result<std::string>>> callers;
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::async(std::launch::async, [&file] {
      return read_within(10s, "shared", reading(file, "content"));
    }));
  }
  REQUIRE(fakes::eventually([&] { return file->reads >= 1; }));
  file->open.set_value();
  for (auto& caller : callers) {
    CHECK(caller.get() == "content");
  }
}

TEST_CASE("more files that hang than there may be threads are an error at once") {
  const auto file = std::make_shared<HangingFile>();
  for (int i = 0; i < 16; ++i) {
    CHECK_FALSE(read_within(1ms, "hangs " + std::to_string(i), reading(file, "")));
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = read_within(10s, "one more", reading(file, ""));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("too many") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  file->open.set_value();
  CHECK(fakes::eventually(
      [&] { return read_within(10s, "one more", reading(file, "")).has_value(); }));
}

TEST_CASE("an exception of a read is its error") {
  const auto broken =
      read_within(10s, "broken", [](const std::string&) -> base::Result<std::string> {
        throw std::runtime_error("out of memory");
      });
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message == "out of memory");
}

}  // namespace inferometer::config
