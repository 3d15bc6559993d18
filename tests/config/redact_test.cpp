#include "config/redact.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

/// What the printed configuration loads to, from a folder that is not the original's.
Config reloaded(const Config& config) {
  const std::string text = to_redacted_yaml(config);
  auto loaded = load_text(text, "/elsewhere/config.yml", sample::options());
  REQUIRE_MESSAGE(loaded.has_value(), render("redacted", loaded.error()) << text);
  return *std::move(loaded);
}

void redact(Provider& provider) {
  if (const auto header = provider.headers.find("X-Request-Token");
      header != provider.headers.end()) {
    header->second = "<secret>";
  }
  if (const auto parameter = provider.query.find("X-Token-Hint");
      parameter != provider.query.end()) {
    parameter->second = "<secret>";
  }
  if (provider.server_metrics && !provider.server_metrics->headers.empty()) {
    provider.server_metrics->url = "http://10.0.0.1:8000/metrics/?a=%2F&X-Token-Hint=<secret>";
    provider.server_metrics->headers = {{"X-Scope-Token", "<secret>"}};
  }
}

}  // namespace

TEST_CASE("what is printed loads again to the same but for what is redacted") {
  Config config = sample::load_good(sample::full_text());
  const Config again = reloaded(config);
  CHECK_FALSE(again == config);
  for (Provider& provider : config.providers) {
    redact(provider);
  }
  for (Target& target : config.targets) {
    redact(target.provider);
  }
  CHECK(again == config);
}

TEST_CASE("what came from a variable is shown by its name wherever it stands") {
  const Config config = sample::load_good(
      sample::text_with({.provider = "headers: {X-Tenant: \"a-${SECRET}-b\", X-Cost: \"$$5\"}\n"
                                     "    query: {tenant: \"${SECRET}\"}\n"
                                     "    proxy: {url: \"http://${SECRET}:3128/\"}\n"
                                     "    labels: {team: hunter2}"}));
  CHECK(config.providers[0].headers.at("X-Tenant") == "a-hunter2-b");
  const std::string text = to_redacted_yaml(config);
  CHECK_MESSAGE(text.find("hunter2") == std::string::npos, text);
  CHECK_MESSAGE(text.find("\"X-Tenant\": \"a-${SECRET}-b\"") != std::string::npos, text);
  CHECK_MESSAGE(text.find("\"X-Cost\": \"$$5\"") != std::string::npos, text);
  CHECK_MESSAGE(text.find("http://${SECRET}:3128") != std::string::npos, text);
  CHECK(reloaded(config) == config);
}

TEST_CASE("a short variable is shown by its name only where it is all of a text") {
  LoadOptions options = sample::options();
  options.environment = [](const std::string& name) {
    return name == "N" ? std::optional<std::string>("1") : std::nullopt;
  };
  const auto config = load_text(
      sample::text_with({.provider = "headers: {X-A: \"${N}\", X-B: \"11\"}"}), "", options);
  REQUIRE(config.has_value());
  const std::string text = to_redacted_yaml(*config);
  CHECK(text.find("\"X-A\": \"${N}\"") != std::string::npos);
  CHECK(text.find("\"X-B\": \"11\"") != std::string::npos);
}

TEST_CASE("a configuration of defaults alone loads again to the same") {
  const Config config = sample::load_good(sample::text_with({}));
  CHECK(reloaded(config) == config);
}

TEST_CASE("text that YAML or variables could misread loads again to the same") {
  for (const std::string_view name : {"~",
                                      "null",
                                      "true",
                                      "1.5",
                                      "- a",
                                      "a: b",
                                      "# a",
                                      "'",
                                      "\"",
                                      "\\",
                                      "$",
                                      "${GOOD_VAR}",
                                      "$$",
                                      "*a",
                                      "&a",
                                      "!a",
                                      "%a",
                                      "@a",
                                      "[",
                                      "{}",
                                      " a ",
                                      "ü",
                                      "😀",
                                      "\xc2\xa0",
                                      "\xe3\x80\x80",
                                      "\xef\xbb\xbf",
                                      "<<",
                                      "|",
                                      ">",
                                      "?",
                                      "---",
                                      "..."}) {
    CAPTURE(name);
    Config config = sample::load_good(sample::text_with({}));
    config.providers[0].models = {{std::string(name)}};
    config.providers[0].headers = {{"X-A", std::string(name)}};
    config.providers[0].query = {{std::string(name), std::string(name)}};
    config.targets.resize(1);
    config.targets[0].model = config.providers[0].models[0];
    config.targets[0].provider.headers = config.providers[0].headers;
    config.targets[0].provider.query = config.providers[0].query;
    config.slos = {{.name = std::string(name),
                    .objective = 99.9,
                    .match = {.model = config.providers[0].models[0].name}}};
    CHECK(reloaded(config) == config);
  }
}

TEST_CASE("a suspicious header or query parameter shows no value") {
  const std::string text = to_redacted_yaml(sample::load_good(sample::full_text()));
  CHECK(text.find("not-shown") == std::string::npos);
  CHECK(text.find("\"X-Request-Token\": \"<secret>\"") != std::string::npos);
  CHECK(text.find("\"X-Token-Hint\": \"<secret>\"") != std::string::npos);
  CHECK(text.find("metrics/?a=%2F&X-Token-Hint=<secret>\"") != std::string::npos);
  CHECK(text.find("a: ${GOOD_VAR} #1") != std::string::npos);
  CHECK(text.find("2024-12-01-preview") != std::string::npos);
}

TEST_CASE("secrets show as references") {
  const std::string text = to_redacted_yaml(sample::load_good(sample::full_text()));
  CHECK(text.find("bearer_env: \"API_KEY\"") != std::string::npos);
  CHECK(text.find("api_key_env: \"KEY\"") != std::string::npos);
  CHECK(text.find("secret_access_key_file: \"/etc/inferometer/aws/secret\"") != std::string::npos);
  CHECK(text.find("client_secret_env: \"CLIENT_SECRET\"") != std::string::npos);
  CHECK(text.find("password_file: \"/etc/inferometer/proxy-password\"") != std::string::npos);
  CHECK(text.find("bearer_file: \"/etc/inferometer/scrape-token\"") != std::string::npos);
  CHECK(text.find("value_env: \"METRICS_KEY\"") != std::string::npos);
}

TEST_CASE("a prompt file shows as its path and not as its text") {
  const std::string text = to_redacted_yaml(sample::load_good(sample::full_text()));
  CHECK(text.find("prompts/question.txt\"") != std::string::npos);
  CHECK(text.find("lighthouse") == std::string::npos);
}

TEST_CASE("an objective and a threshold load again to the last digit") {
  for (const char* objective : {"99.99", "0.1", "1e-300", "99.99999999999999", "33.333333333"}) {
    CAPTURE(objective);
    const Config config = sample::load_good(
        sample::text_with({.file = std::string("slos: [{name: a, objective: ") + objective +
                                   ", sli: {duration_below: 1h}}, {name: b, objective: 1, sli: "
                                   "{ttft_below: 1m1s1ms1us1ns}}]"}));
    CHECK(reloaded(config) == config);
  }
}

TEST_CASE("the largest set of targets that loads is printed so that it loads") {
  std::string workloads;
  std::string names;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "workload-" + std::to_string(i);
    workloads += "  - {name: " + name + ", input_tokens: 1, output_tokens: 1}\n";
    names += name + ",";
  }
  const Config config = sample::load_good(
      "providers: [{name: p, protocol: openai-chat, base_url: \"http://p\", models: [m, n]}]\n"
      "workloads:\n" +
      workloads + "probes: [{providers: [p], workloads: [" + names + "]}]\n");
  CHECK(config.targets.size() == 10'000);
  CHECK(reloaded(config) == config);
  CHECK(to_redacted_yaml(config).size() < 4 * 1024 * 1024);
}

}  // namespace inferometer::config
