#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

/// A reader of what the program writes that stops: a collector of logs that hangs, a terminal that
/// was stopped.
namespace inferometer::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

/// A named pipe that is full, and is not read until drain().
class FullPipe {
 public:
  explicit FullPipe(const TemporaryFolder& folder) : m_path(folder.path("pipe")) {
    REQUIRE(mkfifo(m_path.c_str(), 0600) == 0);
    m_descriptor = open(m_path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(m_descriptor >= 0);
    const std::string filling(65536, '.');
    while (write(m_descriptor, filling.data(), filling.size()) > 0) {
    }
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;
  ~FullPipe() { close(m_descriptor); }

  [[nodiscard]] const std::string& path() const { return m_path; }

  /// What is in it now.
  [[nodiscard]] std::string drain() const {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t n = 0; (n = read(m_descriptor, buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  std::string m_path;
  int m_descriptor = -1;
};

/// The program with one of its descriptors, 1 or 2, being that pipe.
std::vector<std::string> with_pipe(int descriptor, const FullPipe& pipe,
                                   const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{"/bin/sh", "-c",
                                fmt::format("exec \"$0\" \"$@\" {}>'{}'", descriptor, pipe.path())};
  for (std::string& argument : inferometer(arguments)) {
    argv.push_back(std::move(argument));
  }
  return argv;
}

/// The daemon, whose log is not read; it logs each attempt, of which there are hundreds a second.
class UnreadDaemon {
 public:
  UnreadDaemon(const TemporaryFolder& folder, const FullPipe& pipe, const Simulator& simulator)
      : m_process(with_pipe(
            2, pipe,
            {"--config.file", folder.write("inferometer.yml", many(simulator)), "--log.level",
             "debug", "--web.listen-address", fmt::format("127.0.0.1:{}", m_port.number())})) {
    m_process.wait_until_listening(m_port.number());
  }

  [[nodiscard]] std::uint16_t port() const { return m_port.number(); }
  [[nodiscard]] fakes::Process& process() { return m_process; }

  [[nodiscard]] double dropped() const {
    constexpr std::string_view k_name = "\ninferometer_log_lines_dropped_total ";
    const std::string text = http("GET", port(), "/metrics").body;
    const std::size_t at = text.find(k_name);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + k_name.size()));
  }

 private:
  /// Refused at once, so that attempts come as fast as they can be made.
  static std::string many(const Simulator& simulator) {
    std::string models;
    for (int i = 0; i < 200; ++i) {
      models += fmt::format("{}m{}", i == 0 ? "" : ", ", i);
    }
    return fmt::format(
        "providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", models: [{}], "
        "headers: {{X-Sim-Fault: status_401}}}}]\n"
        "workloads: [{{name: w, input_tokens: 8, output_tokens: 8}}]\n"
        "probes: [{{providers: [p], workloads: [w], interval: 200ms}}]\n",
        simulator.url(), models);
  }

  fakes::ReservedPort m_port;
  fakes::Process m_process;
};

}  // namespace

TEST_CASE("a log that is not read delays neither pages nor the end and its lines are counted") {
  const TemporaryFolder folder;
  const FullPipe pipe(folder);
  const Simulator simulator;
  UnreadDaemon daemon(folder, pipe, simulator);
  REQUIRE(eventually([&] { return daemon.dropped() > 0; }, seconds(60)));
  const auto asked = steady_clock::now();
  CHECK(http("GET", daemon.port(), "/metrics").status == 200);
  CHECK(http("GET", daemon.port(), "/-/healthy").status == 200);
  CHECK(steady_clock::now() - asked < k_slowness * seconds(1));
  daemon.process().terminate();
  CHECK(daemon.process().wait_for_exit(k_slowness * seconds(5)) == 0);
}

TEST_CASE("the log goes on once it is read and says how many lines are missing") {
  const TemporaryFolder folder;
  const FullPipe pipe(folder);
  const Simulator simulator;
  UnreadDaemon daemon(folder, pipe, simulator);
  REQUIRE(eventually([&] { return daemon.dropped() > 0; }, seconds(60)));
  std::string text;
  CHECK(eventually([&] {
    text += pipe.drain();
    return text.find("level=warn msg=\"log lines were lost: nobody read them in time\" lines=") !=
           std::string::npos;
  }));
  CHECK(text.find("msg=serving") != std::string::npos);
}

TEST_CASE("an error at the start is in the log and ends the program though the log is not read") {
  const TemporaryFolder folder;
  const FullPipe pipe(folder);
  const Simulator simulator;
  const auto begin = steady_clock::now();
  fakes::Process process(
      with_pipe(2, pipe, {"sim", "--listen", fmt::format("127.0.0.1:{}", simulator.port())}));
  CHECK(process.wait_for_exit(k_slowness * seconds(5)) == 1);
  CHECK(steady_clock::now() - begin < k_slowness * seconds(4));
}

TEST_CASE("a table that is not read does not keep signals from ending the demo") {
  const TemporaryFolder folder;
  const FullPipe pipe(folder);
  fakes::Process demo(with_pipe(1, pipe, {"demo", "--web.listen-address", "127.0.0.1:0"}));
  CHECK_FALSE(demo.wait_for_exit(std::chrono::milliseconds(1500)).has_value());
  demo.terminate();
  CHECK(demo.wait_for_exit(seconds(10)) == 0);
}

TEST_CASE("a result that is not read does not keep signals from ending probe") {
  const TemporaryFolder folder;
  const FullPipe pipe(folder);
  const Simulator simulator;
  fakes::Process probe(
      with_pipe(1, pipe, {"probe", "--url", simulator.url(), "--model", "m", "-n", "2"}));
  CHECK_FALSE(probe.wait_for_exit(std::chrono::milliseconds(1500)).has_value());
  probe.terminate();
  CHECK(probe.wait_for_exit(seconds(10)) == 1);
}

}  // namespace inferometer::e2e
