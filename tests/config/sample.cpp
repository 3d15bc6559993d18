#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace inferometer::config::sample {
namespace {

std::optional<std::string> look_up(const std::string& name) {
  static const std::map<std::string, std::string> k_variables{
      {"GOOD_VAR", "value"}, {"EMPTY", ""},         {"DOLLAR", "${GOOD_VAR}$"}, {"TOKENS", "512"},
      {"SECRET", "hunter2"}, {"LATIN1", "caf\xe9"}, {"TWO_LINES", "a\nb"}};
  const auto found = k_variables.find(name);
  return found == k_variables.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

LoadOptions options() {
  return {.protocols = {{"openai-chat", true}, {"anthropic", false}}, .environment = look_up};
}

std::string full_text() {
  return R"(defaults:
  interval: 2m
  timeouts: {connect: 2s, first_token: 20s, stall: 5s, total: 90s}
  max_in_flight: 3
  connection: reuse
  max_idle: 10m
providers:
  - name: "p $$ \"1\""
    protocol: openai-chat
    base_url: https://api.example.com:8443/{model}/v1//
    query: {api-version: "2024-12-01-preview", "a b": "${GOOD_VAR}&=", X-Token-Hint: "not-shown"}
    auth: {bearer_env: API_KEY}
    headers: {X-Team: "a: ${GOOD_VAR} #1", X-Request-Token: "not-shown"}
    labels: {team: "t ${GOOD_VAR}"}
    max_tokens_parameter: max_tokens
    ignore_eos: true
    rate_limit: {requests_per_minute: 30, max_hold: 2m}
    http_version: 1.1
    tls:
      ca_file: tls/ca.pem
      cert_file: /abs/cert.pem
      key_file: key.pem
      server_name: inner.example.com
      insecure_skip_verify: true
    proxy:
      url: socks5h://proxy:1080/
      username: u
      password_file: proxy-password
      no_proxy: .svc,localhost
    server_metrics:
      kind: sglang
      url: http://10.0.0.1:8000/metrics/?a=%2F&X-Token-Hint=not-shown
      interval: 5s
      auth: {bearer_file: scrape-token}
      headers: {X-Scope-Token: "not-shown"}
      tls: {ca_file: metrics-ca.pem}
    models: [null-model, {name: "org/model ü", context_window: 128000, extra_body: '{"a": "$$b"}'}, "~", "true", 7]
  - name: second
    protocol: anthropic
    base_url: http://[::1]:8000
    auth: {bearer_file: secrets/key}
    http_version: "2"
    proxy: {url: "http://proxy", username: u, password_env: PROXY_PASSWORD}
    models: [m]
  - name: third
    protocol: anthropic
    base_url: http://c
    auth: {api_key_env: KEY}
    server_metrics:
      kind: triton
      url: http://c:8002/metrics
      auth: {header: {name: X-Api-Key, value_env: METRICS_KEY}}
    models: [m]
  - name: fourth
    protocol: anthropic
    base_url: http://d
    auth: {api_key_file: key}
    server_metrics:
      kind: trtllm
      url: http://d/prometheus/metrics
      auth: {header: {name: Authorization, value_file: basic}}
    models: [m]
  - name: fifth
    protocol: anthropic
    base_url: http://e
    auth: {google_service_account_file: google.json}
    server_metrics: {kind: vllm, url: "http://e/metrics", auth: {bearer_env: METRICS_TOKEN}}
    models: [m]
  - name: sixth
    protocol: anthropic
    base_url: http://f
    auth:
      aws:
        region: eu-central-1
        access_key_id_env: AWS_ACCESS_KEY_ID
        secret_access_key_file: aws/secret
        session_token_env: AWS_SESSION_TOKEN
    models: [m]
  - name: seventh
    protocol: anthropic
    base_url: http://g
    auth:
      aws:
        region: us-east-1
        access_key_id_file: aws/id
        secret_access_key_env: AWS_SECRET_ACCESS_KEY
        session_token_file: aws/token
    models: [m]
  - name: eighth
    protocol: anthropic
    base_url: http://h
    auth:
      oauth2:
        token_url: https://login.example.com/tenant/oauth2/v2.0/token
        client_id: probe
        client_secret_env: CLIENT_SECRET
        scope: https://cognitiveservices.azure.com/.default
    models: [m]
  - name: ninth
    protocol: anthropic
    base_url: http://i
    auth:
      oauth2: {token_url: "http://127.0.0.1:1/t", client_id: p, client_secret_file: client-secret}
    models: [m]
  - name: tenth
    protocol: anthropic
    base_url: http://j
    auth:
      aws:
        region: eu-west-1
        credentials: web-identity
        role_arn: arn:aws:iam::123456789012:role/probe
        token_file: aws/token
        role_session_name: probe
    models: [m]
  - name: eleventh
    protocol: anthropic
    base_url: http://k
    auth: {google_external_account_file: external.json}
    models: [m]
  - name: twelfth
    protocol: anthropic
    base_url: http://l
    auth: {google_metadata: true}
    models: [m]
  - name: thirteenth
    protocol: anthropic
    base_url: http://m
    auth:
      azure:
        credentials: workload-identity
        client_id: 00000000-0000-0000-0000-000000000001
        tenant_id: example.onmicrosoft.com
        token_file: azure/token
        resource: https://ai.azure.com/
    models: [m]
workloads:
  - {name: short, input_tokens: "${TOKENS}", output_tokens: 128}
  - name: long
    input_tokens: 1000000
    output_tokens: 100000
    stream: false
    prefix_cache: reuse
    language: de
    seed: 4294967295
    context_fit: truncate_middle
    output_reserve: 0
    temperature: 0.7
    expect: {regex: "^\\d+ $$", json: true}
    retries: {max_retries: 3, base_delay: 250ms, max_delay: 10m}
    stall_threshold: 250ms
  - name: own
    prompt_file: )" INFEROMETER_SOURCE_DIR R"(/tests/data/config/prompts/question.txt
    system_prompt_file: )" INFEROMETER_SOURCE_DIR R"(/tests/data/config/prompts/system.txt
    output_tokens: 10
probes:
  - {providers: [second], workloads: [short, long]}
  - providers: ["p $$ \"1\""]
    models: ["~", 7]
    workloads: [short]
    interval: 100ms
    timeouts: {total: 30s}
    max_in_flight: 1000
    connection: fresh
    max_idle: 30s
web:
  listen: ["127.0.0.1:9840", "[::1]:0", ":80"]
  allowed_hosts: [LLM.example.com, "[::1]"]
  enable_probe: false
  enable_lifecycle: false
  probe_requests_per_minute: 90
trust: {max_error: 2ms}
histograms: {classic: false, native: true, native_schema: 5}
slos:
  - {name: "up $$ 1", objective: 99.95, sli: {availability: true}, window: 7d}
  - name: first
    objective: 95
    sli:
      ttft_below: 800ms
      first_reasoning_below: 30s
      inter_token_latency_below: 1s
      duration_below: 1m
      output_tokens_per_second_above: 12.5
    match: {provider: "p $$ \"1\"", model: "~", workload: short}
  - {name: "true", objective: 0.001, sli: {time_per_output_token_below: 1ms}, match: {model: m}}
  - {name: "~", objective: 50, sli: {duration_below: 1h}, match: {workload: long}, window: 90d}
)";
}

std::string text_with(const Extra& extra) {
  const auto line = [](std::string_view text) {
    return text.empty() ? std::string() : "    " + std::string(text) + "\n";
  };
  return "providers:\n"
         "  - name: p\n"
         "    protocol: openai-chat\n"
         "    base_url: https://api.example.com/v1\n"
         "    models: [m, n]\n" +
         line(extra.provider) +
         "workloads:\n"
         "  - name: w\n"
         "    input_tokens: 64\n"
         "    output_tokens: 16\n" +
         line(extra.workload) +
         "probes:\n"
         "  - providers: [p]\n"
         "    workloads: [w]\n" +
         line(extra.probe) + std::string(extra.file) + "\n";
}

Config load_good(std::string_view text) {
  auto config = load_text(text, "/etc/inferometer/config.yml", options());
  REQUIRE_MESSAGE(config.has_value(), render("config.yml", config.error()));
  return *std::move(config);
}

std::string load_bad(std::string_view text) {
  const auto config = load_text(text, "config.yml", options());
  REQUIRE_FALSE(config.has_value());
  return render("config.yml", config.error());
}

std::string read_repository_file(std::string_view path) {
  std::ifstream file(std::string(INFEROMETER_SOURCE_DIR "/").append(path), std::ios::binary);
  REQUIRE_MESSAGE(file.is_open(), path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace inferometer::config::sample
