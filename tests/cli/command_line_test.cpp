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

}  // namespace inferometer::cli
