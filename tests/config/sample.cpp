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
  return {.protocols = {"openai-chat", "anthropic"}, .environment = look_up};
}

std::string full_text() {
  return R"(defaults:
  interval: 2m
  timeouts: {connect: 2s, first_token: 20s, stall: 5s, total: 90s}
  max_in_flight: 3
  connection: reuse
providers:
  - name: "p $$ \"1\""
    protocol: openai-chat
    base_url: https://api.example.com:8443/v1//
    auth: {bearer_env: API_KEY}
    headers: {X-Team: "a: ${GOOD_VAR} #1", X-Request-Token: "not-shown"}
    max_tokens_parameter: max_tokens
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
    models: [null-model, {name: "org/model ü"}, "~", "true", 7]
  - name: second
    protocol: anthropic
    base_url: http://[::1]:8000
    auth: {bearer_file: secrets/key}
    http_version: "2"
    proxy: {url: "http://proxy", username: u, password_env: PROXY_PASSWORD}
    models: [m]
workloads:
  - {name: short, input_tokens: "${TOKENS}", output_tokens: 128}
  - name: long
    input_tokens: 1000000
    output_tokens: 100000
    prefix_cache: reuse
    temperature: 0.7
    stall_threshold: 250ms
probes:
  - {providers: [second], workloads: [short, long]}
  - providers: ["p $$ \"1\""]
    models: ["~", 7]
    workloads: [short]
    interval: 100ms
    timeouts: {total: 30s}
    max_in_flight: 1000
    connection: fresh
web: {listen: ["127.0.0.1:9840", "[::1]:0", ":80"]}
trust: {max_event_loop_lag: 2ms}
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
