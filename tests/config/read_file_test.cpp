#include "config/read_file.hpp"

#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace inferometer::config {

TEST_CASE("a file is read whole up to its bound") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("file", std::string("a\0b\n", 4));
  CHECK(read_file(path, 4) == std::string("a\0b\n", 4));
  CHECK(read_file(path, 100) == std::string("a\0b\n", 4));
  CHECK(read_file(folder.write("empty", ""), 4) == "");
}

TEST_CASE("a file over the bound is refused") {
  const fakes::TemporaryFolder folder;
  const auto refused = read_file(folder.write("file", "12345"), 4);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "larger than 4 bytes");
}

TEST_CASE("a file whose size is not known beforehand is read nevertheless") {
  const auto status = read_file("/proc/self/status", 100'000);
  REQUIRE(status.has_value());
  CHECK(status->starts_with("Name:"));
  CHECK(status->find("nonvoluntary_ctxt_switches") != std::string::npos);
  CHECK(read_file("/proc/self/status", 10).error().message == "larger than 10 bytes");
}

TEST_CASE("what is no regular file is refused without waiting for it") {
  const fakes::TemporaryFolder folder;
  CHECK(read_file(folder.path("missing"), 4).error().message == "No such file or directory");
  CHECK(read_file(folder.path(""), 4).error().message == "it is a directory");
  CHECK(read_file("/dev/zero", 4).error().message == "it is not a regular file");
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  CHECK(read_file(folder.path("fifo"), 4).error().message == "it is not a regular file");
}

TEST_CASE("a pipe is waited for and read to its end up to the bound") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const auto read_what_is_written = [&path](std::size_t max_bytes) {
    std::jthread writer([&path] {
      std::ofstream stream(path);  // waits for the reader
      stream << std::string(100'000, 'x') << std::flush << 'y';
    });
    return read_file_or_pipe(path, max_bytes);
  };
  const auto content = read_what_is_written(1'000'000);
  REQUIRE(content.has_value());
  CHECK(content->text == std::string(100'000, 'x') + 'y');
  CHECK_FALSE(content->regular);
  signal(SIGPIPE, SIG_IGN);  // the writer is cut off
  CHECK(read_what_is_written(100'000).error().message == "larger than 100000 bytes");
}

TEST_CASE("what is no pipe is read or refused as a file is") {
  const fakes::TemporaryFolder folder;
  const auto content = read_file_or_pipe(folder.write("file", "text"), 4);
  REQUIRE(content.has_value());
  CHECK(content->text == "text");
  CHECK(content->regular);
  CHECK(read_file_or_pipe(folder.write("file", "12345"), 4).error().message ==
        "larger than 4 bytes");
  CHECK(read_file_or_pipe(folder.path(""), 4).error().message == "it is a directory");
  CHECK(read_file_or_pipe("/dev/zero", 4).error().message == "larger than 4 bytes");
}

TEST_CASE("a file that may not be read is refused") {
  const fakes::TemporaryFolder folder;
  const std::string path = folder.write("file", "x");
  REQUIRE(chmod(path.c_str(), 0) == 0);
  if (geteuid() != 0) {  // root may read anything
    CHECK(read_file(path, 4).error().message == "Permission denied");
  }
}

}  // namespace inferometer::config
