#include "e2e/system.hpp"
#include "fakes/scripted_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

namespace inferometer::e2e {
namespace {

/// One fault of the simulator and what it must be counted as; empty: it is none to a client.
struct Expected {
  std::string_view fault;
  std::string_view reason;
};

const std::vector<Expected> k_faults{
    {"hang_before_headers", "first_token_timeout"},
    {"silent_accept", "first_token_timeout"},
    {"hang_before_first_token", "first_token_timeout"},
    {"stall", "stalled"},
    {"trickle", "total_timeout"},
    {"reset", "connection_lost"},
    {"close", "connection_lost"},
    {"truncate", "truncated"},
    {"missing_done", ""},
    {"error_event", "stream_error"},
    {"overloaded_event", "overloaded"},
    {"bad_json", "protocol_error"},
    {"html", "protocol_error"},
    {"json_error_200", "stream_error"},
    {"html_502", "server_error"},
    {"long_line", "protocol_error"},
    {"invalid_utf8", "protocol_error"},
    {"garbage", "protocol_error"},
    {"status_400", "client_error"},
    {"status_401", "auth_error"},
    {"status_403", "auth_error"},
    {"status_404", "client_error"},
    {"status_429", "rate_limited"},
    {"rate_limit_ms", "rate_limited"},
    {"rate_limit_seconds", "rate_limited"},
    {"rate_limit_date", "rate_limited"},
    {"status_500", "server_error"},
    {"status_503", "overloaded"},
    {"status_529", "overloaded"},
    {"quota", "quota_exhausted"},
    {"context_length", "context_length"},
    {"content_filter", "content_filtered"},
    {"empty", "empty_response"},
    {"trailing_spaces", ""},
    {"done_then_more", ""},
};

std::string provider(std::string_view name, std::string_view url, std::string_view fault = {}) {
  std::string text = fmt::format(
      "  - {{name: {}, protocol: openai-chat, base_url: \"{}\", models: [m]", name, url);
  if (!fault.empty()) {
    text += fmt::format(", headers: {{X-Sim-Fault: {}}}", fault);
  }
  return text + "}\n";
}

std::string configuration(const std::string& providers, const std::string& names) {
  return fmt::format(
      "defaults: {{timeouts: {{connect: 1s, first_token: 1s, stall: 1s, total: 3s}}}}\n"
      "providers:\n{}"
      "workloads: [{{name: w, input_tokens: 64, output_tokens: 16}}]\n"
      "probes: [{{providers: [{}], workloads: [w], interval: 2s, max_in_flight: 3}}]\n",
      providers, names);
}

void check_reason(const Prometheus& prometheus, std::string_view name, std::string_view reason) {
  CAPTURE(name);
  const std::string label = fmt::format("{{provider=\"{}\"}}", name);
  const auto failures =
      prometheus.query("sum by (reason) (llm_probe_failures_total" + label + ") > 0");
  const auto samples = prometheus.value("sum(llm_probe_ttft_seconds_count" + label + ")");
  if (reason.empty()) {
    CHECK(failures.empty());
    CHECK(samples.value_or(0) > 0);
    return;
  }
  REQUIRE(failures.size() == 1);
  CHECK(failures.begin()->first == fmt::format("reason={}", reason));
  for (const std::string_view histogram :
       {"ttft_seconds", "inter_token_latency_seconds", "time_per_output_token_seconds",
        "duration_seconds", "phase_seconds", "output_tokens_per_second"}) {
    CAPTURE(histogram);
    CHECK(prometheus.query(fmt::format("llm_probe_{}_count{} > 0", histogram, label)).empty());
  }
}

/// Waits until Prometheus knows of so many attempts at each that none is judged by its first alone.
void wait_for_attempts(const Prometheus& prometheus, const std::vector<Expected>& expected) {
  for (const Expected& entry : expected) {
    CAPTURE(entry.fault);
    const std::string attempts =
        fmt::format("llm_probe_attempts_total{{provider=\"{}\"}}", entry.fault);
    REQUIRE(eventually([&] { return prometheus.value(attempts).value_or(0) >= 2; },
                       std::chrono::seconds(60)));
  }
}

}  // namespace

TEST_CASE("each injected fault arrives under its own reason and in no latency histogram") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const fakes::ScriptedServer silent({fakes::script::AwaitClose{}});
  const fakes::ScriptedServer plain({fakes::script::Send{"HTTP/1.0 400 Bad Request\r\n\r\n"}});
  const std::uint16_t closed = fakes::ReservedPort().number();

  std::vector<Expected> expected = k_faults;
  std::string providers;
  std::string names;
  for (const Expected& fault : k_faults) {
    providers += provider(fault.fault, simulator.url(), fault.fault);
  }
  const auto add = [&](std::string_view name, const std::string& url, std::string_view reason) {
    providers += provider(name, url);
    expected.push_back({name, reason});
  };
  add("no-such-name", "http://nosuchhost.invalid/v1", "dns_error");
  add("closed-port", fmt::format("http://127.0.0.1:{}/v1", closed), "connect_error");
  add("silent-tls", fmt::format("https://127.0.0.1:{}/v1", silent.port()), "connect_timeout");
  add("no-tls", fmt::format("https://127.0.0.1:{}/v1", plain.port()), "tls_error");
  for (const Expected& entry : expected) {
    names += std::string(entry.fault) + ",";
  }

  const Daemon daemon(folder, configuration(providers, names));
  const Prometheus prometheus(folder, daemon.port());
  wait_for_attempts(prometheus, expected);
  for (const Expected& entry : expected) {
    check_reason(prometheus, entry.fault, entry.reason);
  }
}

TEST_CASE("an endless stream ends at a bound and delays no other provider's schedule") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(provider("flood", simulator.url(), "endless") +
                                                provider("calm", simulator.url()),
                                            "flood, calm"));
  const std::string calm = R"({provider="calm",model="m",workload="w"})";
  const auto flood_failures = [&](std::string_view reason) {
    return daemon
        .sample(fmt::format(
            R"(llm_probe_failures_total{{provider="flood",model="m",workload="w",reason="{}"}})",
            reason))
        .value_or(0);
  };
  REQUIRE(eventually([&] {
    return flood_failures("total_timeout") + flood_failures("protocol_error") >= 2 &&
           daemon.sample("llm_probe_attempts_total" + calm).value_or(0) >= 2;
  }));
  CHECK(daemon.sample("llm_probe_success" + calm) == 1);
  CHECK(daemon.sample("process_resident_memory_bytes").value_or(1e12) < 200e6);
}

}  // namespace inferometer::e2e
