#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace inferometer::e2e {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

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
