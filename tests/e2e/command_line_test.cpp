#include "e2e/system.hpp"
#include "fakes/contains.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <regex>

using inferometer::fakes::contains;

namespace inferometer::e2e {
namespace {

std::vector<std::string> probe(const std::string& url, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"probe", "--url", url, "--model", "m"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return inferometer(arguments);
}

}  // namespace

TEST_CASE("probe needs no configuration file and shows a readable timeline") {
  const Simulator simulator;
  const Finished finished = run(probe(simulator.url()));
  CHECK(finished.status == 0);
  for (const std::string_view line :
       {"outcome           success", "request_begin", "first_content", "TTFT", "ITL", "64 out"}) {
    CAPTURE(line);
    CHECK(contains(finished.output, line));
  }
}

TEST_CASE(
    "probe --json gives the marks in order and the figures that were asked of the simulator") {
  const Simulator simulator;
  const Finished finished =
      run(probe(simulator.url(), {"--json", "--header", "X-Sim-Ttft: 100ms", "--header",
                                  "X-Sim-Itl: 20ms", "--output-tokens", "10"}));
  REQUIRE(finished.status == 0);
  const auto json = nlohmann::json::parse(finished.output);
  CHECK(json["outcome"] == "success");
  CHECK(json["ttft_seconds"].get<double>() >= 0.100);
  CHECK(json["ttft_seconds"].get<double>() < 0.150);
  CHECK(json["usage"]["output"] == 10);
  CHECK(json["content_arrivals"].size() == 10);
  CHECK(json["timeline"]["started"] == 0.0);
  CHECK(json["timeline"]["request_begin"] <= json["timeline"]["request_sent"]);
  CHECK(json["timeline"]["request_sent"] <= json["timeline"]["headers"]);
  CHECK(json["timeline"]["headers"] <= json["timeline"]["first_content"]);
  CHECK(json["timeline"]["last_content"] <= json["timeline"]["ended"]);
  CHECK_FALSE(json["timeline"].contains("tls_done"));
  CHECK_FALSE(json["timeline"].contains("first_reasoning"));
}

TEST_CASE("the simulator replays recorded latencies in their order") {
  const TemporaryFolder folder;
  const Simulator simulator({"--recorded-ttft", folder.write("ttft", "60ms\n120ms\n"),
                             "--recorded-itl", folder.write("itl", "0.015\n")});
  for (const double expected : {0.060, 0.120, 0.060}) {
    const auto json = nlohmann::json::parse(
        run(probe(simulator.url(), {"--json", "--output-tokens", "3"})).output);
    CAPTURE(expected);
    CHECK(json["ttft_seconds"].get<double>() >= expected);
    CHECK(json["ttft_seconds"].get<double>() < expected + 0.045);
    CHECK(json["time_per_output_token_seconds"].get<double>() ==
          doctest::Approx(0.015).epsilon(0.5));
  }
  const Finished missing = run(inferometer({"sim", "--recorded-ttft", folder.path("missing")}));
  CHECK(missing.status == 2);
  CHECK(contains(missing.output, "missing"));
}

TEST_CASE("probe exits with 1 and names the reason when the provider fails") {
  const Simulator simulator;
  const Finished refused = run(probe(simulator.url(), {"--header", "X-Sim-Fault: status_401"}));
  CHECK(refused.status == 1);
  CHECK(contains(refused.output, "outcome           auth_error"));
  const Finished html = run(probe(simulator.url(), {"--header", "X-Sim-Fault: html"}));
  CHECK(html.status == 1);
  CHECK(contains(html.output, "does base_url point at the API?"));
  const std::uint16_t closed = fakes::ReservedPort().number();
  const Finished unreachable = run(probe(fmt::format("http://127.0.0.1:{}/v1", closed)));
  CHECK(unreachable.status == 1);
  CHECK(contains(unreachable.output, "outcome           connect_error"));
}

TEST_CASE("bad usage exits with 2 and says what to do") {
  CHECK(run(inferometer({"probe"})).status == 2);
  CHECK(run(inferometer({"probe", "--model", "m"})).status == 2);
  CHECK(run(inferometer({"--no-such-flag"})).status == 2);
  CHECK(run(inferometer({"--log.level", "loud"})).status == 2);
  const Finished duration = run(probe("http://127.0.0.1:1/v1", {"--timeout.total", "5"}));
  CHECK(duration.status == 2);
  CHECK(contains(duration.output, "unit"));
  const Finished scheme = run(probe("ftp://example.org/v1"));
  CHECK(scheme.status == 2);
  CHECK(contains(scheme.output, "http"));
  const Finished setting = run(inferometer({"sim", "--set", "fault=nonsense"}));
  CHECK(setting.status == 2);
  CHECK(contains(setting.output, "nonsense"));
}

TEST_CASE("config.check accepts a good file and refuses bad ones with status 2") {
  const TemporaryFolder folder;
  const std::string good = std::string(INFEROMETER_SOURCE_DIR) + "/config/minimal.yml";
  CHECK(run(inferometer({"--config.check", "--config.file", good})).status == 0);
  const auto check = [](const std::string& file) {
    return run(inferometer({"--config.check", "--config.file", file}));
  };
  const Finished missing = check(folder.path("missing.yml"));
  CHECK(missing.status == 2);
  CHECK(contains(missing.output, "missing.yml"));
  const Finished directory = check(folder.path(""));
  CHECK(directory.status == 2);
  CHECK(contains(directory.output, "directory"));
  const Finished empty = check(folder.write("empty.yml", ""));
  CHECK(empty.status == 2);
  CHECK(contains(empty.output, "empty"));
  const Finished duplicate = check(folder.write("duplicate.yml", "web: {}\nweb: {}\n"));
  CHECK(duplicate.status == 2);
  CHECK(contains(duplicate.output, "duplicate.yml:2:1"));
}

TEST_CASE("the daemon does not start on a bad file or on a port that is in use") {
  const TemporaryFolder folder;
  const std::string bad = folder.write("bad.yml", "providers: 3\n");
  const Finished refused = run(inferometer({"--config.file", bad}));
  CHECK(refused.status == 2);
  CHECK(contains(refused.output, "bad.yml:1:12"));

  const Simulator simulator;
  const std::string good = std::string(INFEROMETER_SOURCE_DIR) + "/config/minimal.yml";
  const Finished in_use = run(inferometer({"--config.file", good, "--web.listen-address",
                                           fmt::format("127.0.0.1:{}", simulator.port())}));
  CHECK(in_use.status == 1);
  CHECK(contains(in_use.output, "in use"));
  const Finished simulator_in_use =
      run(inferometer({"sim", "--listen", fmt::format("127.0.0.1:{}", simulator.port())}));
  CHECK(simulator_in_use.status == 1);
  CHECK(contains(simulator_in_use.output, "in use"));
}

TEST_CASE("the demo shows its four providers and ends when asked") {
  const Finished finished =
      run(inferometer({"demo", "--web.listen-address", "127.0.0.1:0", "--run-for", "4s"}));
  CHECK(finished.status == 0);
  for (const std::string_view text :
       {"http://127.0.0.1:", "deepseek-v3", "vllm-a100", "vllm-h100", "gpt-4o", "success"}) {
    CAPTURE(text);
    CHECK(contains(finished.output, text));
  }
}

TEST_CASE("several attempts are summed up and conditions decide on the exit status") {
  const Simulator simulator;
  const auto several = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"-n", "3", "--output-tokens", "6", "--header", "X-Sim-Ttft: 50ms",
                             "--header", "X-Sim-Itl: 10ms"});
    return run(probe(simulator.url(), more));
  };
  const Finished table = several({});
  CHECK(table.status == 0);
  CHECK(contains(table.output, "3 attempts: 3 succeeded, 0 failed"));
  const Finished good = several({"--fail-if", "ttft>10s", "--fail-if", "p50(itl)>1s", "--json"});
  CHECK(good.status == 0);
  const auto json = nlohmann::json::parse(good.output);
  CHECK(json["attempts"].size() == 3);
  CHECK(json["summary"]["successes"] == 3);
  CHECK(json["summary"]["figures"]["ttft_seconds"]["count"] == 3);
  CHECK(json["summary"]["figures"]["ttft_seconds"]["p50"].get<double>() >= 0.050);
  const Finished slow = several({"--fail-if", "ttft>20ms"});
  CHECK(slow.status == 1);
  CHECK(contains(slow.output, "failed: ttft>20ms: it is "));
  const Finished failed =
      run(probe(simulator.url(),
                {"-n", "2", "--header", "X-Sim-Fault: status_429", "--fail-if", "ttft>10s"}));
  CHECK(failed.status == 1);
  CHECK(contains(failed.output, "failed: 2 of 2 attempts failed"));
  CHECK(contains(failed.output, "failed: ttft>10s: it has no value"));
  CHECK(run(probe(simulator.url(),
                  {"-n", "2", "--header", "X-Sim-Fault: status_429", "--fail-if", "failures>2"}))
            .status == 0);
}

TEST_CASE("the interval of a run is kept between the starts of its attempts") {
  const Simulator simulator;
  const auto begin = std::chrono::steady_clock::now();
  const Finished finished = run(probe(
      simulator.url(), {"-n", "3", "--interval", "400ms", "--header", "X-Sim-Fault: status_401"}));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(800));
  CHECK(contains(finished.output, "3 attempts"));
}

TEST_CASE("a prompt of one's own is sent and the answer is shown without what terminals obey") {
  const Simulator simulator;
  const Finished finished =
      run(probe(simulator.url(), {"--prompt", "Say hi", "--extra-body", R"({"top_p": 0.5})",
                                  "--show-answer", "--output-tokens", "5"}));
  CHECK(finished.status == 0);
  CHECK(contains(finished.output, "\nanswer\n"));
  CHECK(contains(finished.output, "  tokens            2 in"));
}

TEST_CASE("a credential that is not there is bad usage of probe") {
  const Finished unset = run(probe("http://127.0.0.1:1/v1", {"--bearer-env", "INFEROMETER_UNSET"}));
  CHECK(unset.status == 2);
  CHECK(contains(unset.output, "INFEROMETER_UNSET\" is not set"));
  const Finished missing = run(probe("http://127.0.0.1:1/v1", {"--api-key-file", "/nowhere/key"}));
  CHECK(missing.status == 2);
  CHECK(contains(missing.output, "/nowhere/key"));
}

TEST_CASE("misspelt flags and commands get a suggestion") {
  const auto says = [](const std::vector<std::string>& arguments, std::string_view suggestion) {
    const Finished finished = run(inferometer(arguments));
    return finished.status == 2 && contains(finished.output, suggestion);
  };
  CHECK(says({"prob"}, "did you mean \"probe\"?"));
  CHECK(says({"--config.fil=x"}, "did you mean \"--config.file\"?"));
  CHECK(says({"sim", "--lisen", ":1"}, "did you mean \"--listen\"?"));
  CHECK(says({"demo", "--zzzzzzzz"}, "known flags: "));
  CHECK(says({"probe", "extra"}, "unexpected argument \"extra\""));
}

TEST_CASE("the version is told as Prometheus tells its own") {
  const Finished finished = run(inferometer({"--version"}));
  CHECK(finished.status == 0);
  CHECK(std::regex_match(
      finished.output,
      std::regex(R"(inferometer, version \d+\.\d+\.\d+ \(branch: \S+, revision: \S+\)\n)")));
}

TEST_CASE("a result that cannot be written is a failure") {
  const Simulator simulator;
  const auto into = [](std::string_view redirection, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{"/bin/sh", "-c", fmt::format("\"$0\" \"$@\" {}", redirection)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(std::move(argv));
  };
  const std::string good = std::string(INFEROMETER_SOURCE_DIR) + "/config/minimal.yml";
  for (const std::vector<std::string>& arguments :
       {inferometer({"--version"}), inferometer({"--help"}),
        inferometer({"--config.check", "--config.file", good}),
        probe(simulator.url(), {"--output-tokens", "4"}),
        probe(simulator.url(), {"--output-tokens", "4", "-n", "2", "--json"}),
        inferometer({"demo", "--web.listen-address", "127.0.0.1:0", "--run-for", "10s"})}) {
    CAPTURE(arguments.at(1));
    const Finished full = into(">/dev/full", arguments);
    CHECK(full.status == 1);
    CHECK(contains(full.output, "cannot write to standard output: No space left on device"));
    const Finished closed = into(">&-", arguments);
    CHECK(closed.status == 1);
    CHECK(contains(closed.output, "cannot write to standard output: Bad file descriptor"));
  }
  const Finished left = into("| head -c 1; exit 0", probe(simulator.url(), {"-n", "3"}));
  CHECK_FALSE(contains(left.output, "cannot write"));
}

TEST_CASE("a configuration comes from standard input or a pipe too") {
  const TemporaryFolder folder;
  const std::string good = std::string(INFEROMETER_SOURCE_DIR) + "/config/minimal.yml";
  const auto shell = [](const std::string& script) {
    return run({"/bin/sh", "-c", script, INFEROMETER_BINARY});
  };
  const Finished piped =
      shell(fmt::format("cat '{}' | \"$0\" --config.file=- --config.check", good));
  CHECK(piped.status == 0);
  CHECK(contains(piped.output, "<stdin> is valid: 1 probe\n"));
  const Finished named =
      shell(fmt::format("cat '{}' | \"$0\" --config.file=/dev/stdin --config.check", good));
  CHECK(named.status == 0);
  const Finished bad = shell("echo 'providers: 3' | \"$0\" --config.file=-");
  CHECK(bad.status == 2);
  CHECK(contains(bad.output, "<stdin>:1:12"));
  const Finished endless = shell("\"$0\" --config.file=- --config.check </dev/zero");
  CHECK(endless.status == 2);
  CHECK(contains(endless.output, "larger than 4194304 bytes"));
}

TEST_CASE("waiting for a pipe that is not written to can be interrupted") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  fakes::Process process(inferometer({"--config.file", folder.path("fifo")}));
  CHECK_FALSE(process.wait_for_exit(std::chrono::milliseconds(300)).has_value());
  process.send(SIGINT);
  CHECK(process.wait_for_exit(k_slowness * std::chrono::seconds(5)) == -SIGINT);
}

TEST_CASE("a reload says of standard input that it was read already and changes nothing") {
  const std::string good = std::string(INFEROMETER_SOURCE_DIR) + "/config/minimal.yml";
  const fakes::ReservedPort port;
  fakes::Process process(
      {"/bin/sh", "-c",
       fmt::format("exec \"$0\" --config.file=- --web.listen-address=127.0.0.1:{} <'{}'",
                   port.number(), good),
       INFEROMETER_BINARY});
  process.wait_until_listening(port.number());
  const HttpReply reply = http("POST", port.number(), "/-/reload");
  CHECK(reply.status == 500);
  CHECK(contains(reply.body, "<stdin>: can be read only once, at the start"));
  process.send(SIGHUP);
  CHECK(eventually([&] { return contains(process.output(), "configuration not reloaded"); }));
  CHECK_FALSE(process.exit_status().has_value());
}

TEST_CASE("missing secrets are warned of by the check and at the start") {
  const TemporaryFolder folder;
  const std::string configuration =
      "providers: [{name: p, protocol: openai-chat, base_url: \"http://127.0.0.1:1\", models: [m], "
      "auth: {bearer_env: INFEROMETER_UNSET}}]\n"
      "workloads: [{name: w, input_tokens: 8, output_tokens: 8}]\n"
      "probes: [{providers: [p], workloads: [w], interval: 1h}]\n";
  const Finished checked = run(
      inferometer({"--config.check", "--config.file", folder.write("check.yml", configuration)}));
  CHECK(checked.status == 0);
  CHECK(contains(checked.output,
                 "check.yml:1:97: warning: provider \"p\": bearer_env: the environment variable "
                 "\"INFEROMETER_UNSET\" is not set: "));
  CHECK(contains(checked.output, "is valid: 1 probe\n"));
  Daemon daemon(folder, configuration);
  CHECK(eventually([&] {
    return contains(daemon.process().output(),
                    "level=warn msg=\"a secret cannot be read\" provider=p key=bearer_env "
                    "source=INFEROMETER_UNSET");
  }));
}

TEST_CASE("JSON logs have numbers") {
  const TemporaryFolder folder;
  const Simulator simulator;
  fakes::Process daemon(inferometer(
      {"--log.format", "json", "--log.level", "debug", "--web.listen-address", "127.0.0.1:0",
       "--config.file",
       folder.write("c.yml",
                    fmt::format("providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", "
                                "models: [m]}}]\n"
                                "workloads: [{{name: w, input_tokens: 8, output_tokens: 8}}]\n"
                                "probes: [{{providers: [p], workloads: [w], interval: 200ms}}]\n",
                                simulator.url()))}));
  REQUIRE(eventually([&] { return contains(daemon.output(), "probe succeeded"); }));
  const std::string output = daemon.output();
  const std::size_t at = output.rfind('\n', output.find("probe succeeded")) + 1;
  const auto line = nlohmann::json::parse(output.substr(at, output.find('\n', at) - at));
  CHECK(line["http_status"] == 200);
  CHECK(line["attempt"] == 1);
  CHECK(line["ttft"].is_number_float());
  CHECK(line["suspect"].is_boolean());
}

TEST_CASE("secrets stay out of the log and the pages and the metrics") {
  const TemporaryFolder folder;
  const std::string key = "sk-very-secret-0123456789";
  const std::string key_file = folder.write("key", key + "\n");
  const Simulator simulator;
  Daemon daemon(
      folder,
      fmt::format("providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", models: [m], "
                  "auth: {{bearer_file: {}}}, headers: {{X-Sim-Fault: status_401}}}}]\n"
                  "workloads: [{{name: w, input_tokens: 8, output_tokens: 8}}]\n"
                  "probes: [{{providers: [p], workloads: [w], interval: 200ms}}]\n",
                  simulator.url(), key_file),
      {"--log.level", "debug"});
  REQUIRE(eventually([&] {
    return daemon.sample(R"(llm_probe_attempts_total{provider="p",model="m",workload="w"})") >= 2;
  }));
  for (const std::string_view path :
       {"/", "/metrics", "/config", "/probe?provider=p&model=m&workload=w&debug=true"}) {
    CAPTURE(path);
    const HttpReply reply = http("GET", daemon.port(), path);
    CHECK(reply.status == 200);
    CHECK_FALSE(contains(reply.body, key));
  }
  CHECK_FALSE(contains(daemon.process().output(), key));
}

}  // namespace inferometer::e2e
