#include "cli/command_line.hpp"

#include <doctest/doctest.h>

namespace inferometer::cli {
namespace {

std::variant<Command, int> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "inferometer");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

template <typename Options>
Options options_of(std::vector<const char*> arguments) {
  const auto parsed = parse(std::move(arguments));
  REQUIRE(std::holds_alternative<Command>(parsed));
  REQUIRE(std::holds_alternative<Options>(std::get<Command>(parsed)));
  return std::get<Options>(std::get<Command>(parsed));
}

int status_of(std::vector<const char*> arguments) {
  const auto parsed = parse(std::move(arguments));
  REQUIRE(std::holds_alternative<int>(parsed));
  return std::get<int>(parsed);
}

}  // namespace

TEST_CASE("the flags of the daemon are written as Prometheus writes its own") {
  const auto options = options_of<DaemonOptions>(
      {"--config.file=a.yml", "--web.listen-address=:1", "--web.listen-address=:2",
       "--config.check", "--shutdown.grace-period=1m", "--log.level=debug", "--log.format=json"});
  CHECK(options.config_file == "a.yml");
  CHECK(options.check_only);
  CHECK(options.listen == std::vector<std::string>{":1", ":2"});
  CHECK(options.grace_period == std::chrono::minutes(1));
  CHECK(options.log.level == base::log::Level::debug);
  CHECK(options.log.format == base::log::Format::json);
}

TEST_CASE("each subcommand is told from the daemon") {
  CHECK(options_of<ProbeOptions>({"probe", "--url", "http://h", "--model", "m", "--json"}).json);
  CHECK(options_of<SimOptions>({"sim", "--stamp", "--set", "fault=reset"}).settings ==
        std::vector<std::string>{"fault=reset"});
  CHECK(options_of<SelftestOptions>({"selftest", "--json"}).json);
  CHECK(options_of<DemoOptions>({"demo", "--run-for=5s"}).run_for == std::chrono::seconds(5));
}

TEST_CASE("help and version end well and bad usage ends with 2") {
  CHECK(status_of({"--version"}) == 0);
  CHECK(status_of({"--help"}) == 0);
  CHECK(status_of({"sim", "--help"}) == 0);
  CHECK(status_of({"--shutdown.grace-period=5"}) == 2);
  CHECK(status_of({"--log.level=loud"}) == 2);
  CHECK(status_of({"probe", "--bearer-env", "KEY"}) == 2);
  CHECK(status_of({"probe", "--url", "http://h", "--config.file", "f"}) == 2);
  CHECK(status_of({"nonsense"}) == 2);
}

TEST_CASE("the flags of a run of attempts are read") {
  const auto options = options_of<ProbeOptions>(
      {"probe", "--url", "http://h", "--model", "m", "-n", "20", "--interval=2s", "--prompt=Hi",
       "--extra-body={}", "--show-answer", "--fail-if", "ttft>1s", "--fail-if=failures>0"});
  CHECK(options.attempts == 20);
  CHECK(options.interval == std::chrono::seconds(2));
  CHECK(options.prompt == "Hi");
  CHECK(options.extra_body == "{}");
  CHECK(options.show_answer);
  REQUIRE(options.fail_if.size() == 2);
  CHECK(options.fail_if[1].text == "failures>0");
}

TEST_CASE("what can be seen to be wrong of a flag ends with 2 before anything is done") {
  for (const char* address : {"localhost", "1.2.3.4:x", ":99999", "::1:80", "a b:1"}) {
    CAPTURE(address);
    CHECK(status_of({"--web.listen-address", address, "--config.check"}) == 2);
    CHECK(status_of({"sim", "--listen", address}) == 2);
    CHECK(status_of({"demo", "--web.listen-address", address}) == 2);
  }
  CHECK(status_of({"sim", "--profile", "gpt-5"}) == 2);
  const auto probe = [](std::vector<const char*> more) {
    std::vector<const char*> arguments{"probe", "--url", "http://h", "--model", "m"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return status_of(arguments);
  };
  CHECK(probe({"-n", "0"}) == 2);
  CHECK(probe({"-n", "10001"}) == 2);
  CHECK(probe({"--fail-if", "ttft>1"}) == 2);
  CHECK(probe({"--prompt", ""}) == 2);
  CHECK(probe({"--prompt", "Hi", "--input-tokens", "5"}) == 2);
  CHECK(probe({"--bearer-envv", "X"}) == 2);
}

}  // namespace inferometer::cli
