#include "base/thread/background_writer.hpp"

#include "base/descriptor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <string>
#include <thread>
#include <vector>

using inferometer::base::BackgroundWriter;
using inferometer::base::Descriptor;
using inferometer::base::Duration;
using inferometer::base::MonotonicTime;
using inferometer::base::system_clock;
using namespace std::chrono_literals;

namespace {

constexpr Duration k_patience = 20s;  // only a failing test waits for so long

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }

  /// Leaves no room in it.
  void fill() const {
    const int flags = fcntl(writer.get(), F_GETFL);
    REQUIRE(fcntl(writer.get(), F_SETFL, flags | O_NONBLOCK) == 0);
    const std::string filling(65536, '.');
    while (write(writer.get(), filling.data(), filling.size()) > 0) {
    }
    REQUIRE(fcntl(writer.get(), F_SETFL, flags) == 0);
  }

  /// What comes until the last writer has closed its end; the filling left out.
  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t n = 0; (n = read(reader.get(), buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    std::erase(text, '.');
    return text;
  }

  Descriptor reader;
  Descriptor writer;
};

std::string notice(std::uint64_t lost) {
  return "lost " + std::to_string(lost) + "\n";
}

/// What a queue with these limits writes once its pipe, full until then, is read.
template <typename Use>
std::string written_late(BackgroundWriter::Limits limits, Use use) {
  Pipe pipe;
  pipe.fill();
  auto read = [&] {
    BackgroundWriter writer(pipe.writer.get(), limits, notice);
    use(writer);
    auto text = std::async(std::launch::async, [&] { return pipe.read_all(); });
    CHECK(writer.flush(k_patience));
    pipe.writer.close();
    return text;
  }();
  return read.get();
}

}  // namespace

TEST_CASE("lines are written in the order in which they were posted") {
  std::string expected;
  const std::string text = written_late({}, [&](BackgroundWriter& writer) {
    for (int i = 0; i < 1000; ++i) {
      expected += std::to_string(i) + "\n";
      writer.post(std::to_string(i) + "\n");
    }
    CHECK(writer.dropped() == 0);
  });
  CHECK(text == expected);
}

TEST_CASE("a reader that does not read delays no caller and lines beyond the limit are counted") {
  const std::string text = written_late({.lines = 10, .bytes = 1000}, [](BackgroundWriter& writer) {
    const MonotonicTime begin = system_clock().now();
    for (int i = 0; i < 100'000; ++i) {
      writer.post("line\n");
    }
    CHECK(system_clock().now() - begin < 5s);
    CHECK(writer.dropped() == 99'990);
  });
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    expected += "line\n";
  }
  CHECK(text == expected + "lost 99990\n");
}

TEST_CASE("lines beyond the limit in bytes are lost too") {
  const std::string line(100, 'x');
  const std::string text =
      written_late({.lines = 1000, .bytes = 250}, [&](BackgroundWriter& writer) {
        for (int i = 0; i < 5; ++i) {
          writer.post(line + "\n");
        }
        CHECK(writer.dropped() == 3);
      });
  CHECK(text == line + "\n" + line + "\nlost 3\n");
}

TEST_CASE("the notice stands where the lost lines would and comes once half of the queue is free") {
  Pipe pipe;
  pipe.fill();
  BackgroundWriter writer(pipe.writer.get(), {.lines = 4, .bytes = 1000}, notice);
  for (const char* line : {"a\n", "b\n", "c\n", "d\n", "lost\n", "lost\n"}) {
    writer.post(line);
  }
  CHECK(writer.dropped() == 2);
  CHECK_FALSE(writer.flush(1ms));
  auto text = std::async(std::launch::async, [&] { return pipe.read_all(); });
  REQUIRE(writer.flush(k_patience));
  writer.post("e\n");
  REQUIRE(writer.flush(k_patience));
  pipe.writer.close();
  CHECK(text.get() == "a\nb\nc\nd\nlost 2\ne\n");
}

TEST_CASE("flushing waits no longer than it is told") {
  Pipe pipe;
  pipe.fill();
  {
    BackgroundWriter writer(pipe.writer.get(), {}, notice);
    writer.post("line\n");
    const MonotonicTime begin = system_clock().now();
    CHECK_FALSE(writer.flush(50ms));
    CHECK(system_clock().now() - begin >= 50ms);
    CHECK(system_clock().now() - begin < 5s);
    pipe.reader.close();  // the thread could not end otherwise
  }
}

TEST_CASE("a reader that left ends nothing and what it did not get is counted") {
  Pipe pipe;
  pipe.reader.close();
  BackgroundWriter writer(pipe.writer.get(), {}, notice);
  writer.post("one\n");
  REQUIRE(writer.flush(k_patience));
  writer.post("two\n");
  REQUIRE(writer.flush(k_patience));
  CHECK(writer.dropped() == 2);
  CHECK(writer.error() == EPIPE);
}

TEST_CASE("a descriptor that does not block is waited for") {
  Pipe pipe;
  pipe.fill();
  REQUIRE(fcntl(pipe.writer.get(), F_SETFL, O_NONBLOCK) == 0);
  BackgroundWriter writer(pipe.writer.get(), {}, notice);
  writer.post("line\n");
  CHECK_FALSE(writer.flush(10ms));
  auto text = std::async(std::launch::async, [&] { return pipe.read_all(); });
  CHECK(writer.flush(k_patience));
  pipe.writer.close();
  CHECK(text.get() == "line\n");
  CHECK(writer.dropped() == 0);
}

TEST_CASE("threads that post at once lose nothing and no line is torn") {
  constexpr int k_each = 500;
  const std::string text = written_late({}, [](BackgroundWriter& writer) {
    std::vector<std::jthread> threads;
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      threads.emplace_back([&writer, letter] {
        for (int i = 0; i < k_each; ++i) {
          writer.post(std::string(99, letter) + "\n");
        }
      });
    }
  });
  REQUIRE(text.size() == std::size_t{4} * k_each * 100);
  for (std::size_t at = 0; at < text.size(); at += 100) {
    REQUIRE(text.substr(at, 100) == std::string(99, text[at]) + "\n");
  }
}
