#include "config/section/provider.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {

TEST_CASE("every key of a provider is read") {
  const Config config = sample::load_good(sample::full_text());
  REQUIRE(config.providers.size() == 13);
  const Provider& provider = config.providers[0];
  CHECK(provider.name == "p $ \"1\"");
  CHECK(provider.protocol == "openai-chat");
  CHECK(provider.base_url == "https://api.example.com:8443/{model}/v1");
  CHECK(provider.query == std::map<std::string, std::string>{{"api-version", "2024-12-01-preview"},
                                                             {"a b", "value&="},
                                                             {"X-Token-Hint", "not-shown"}});
  CHECK(provider.auth == Auth(BearerAuth{{SecretRef::Kind::environment, "API_KEY"}}));
  CHECK(provider.headers == std::map<std::string, std::string>{{"X-Team", "a: value #1"},
                                                               {"X-Request-Token", "not-shown"}});
  CHECK(provider.max_tokens_parameter == "max_tokens");
  CHECK(provider.ignore_eos);
  CHECK(provider.rate_limit.requests_per_minute == 30U);
  CHECK(provider.rate_limit.max_hold == 2min);
  CHECK(provider.http_version == HttpVersion::http_1_1);
  CHECK(provider.tls == Tls{.ca_file = "/etc/inferometer/tls/ca.pem",
                            .cert_file = "/abs/cert.pem",
                            .key_file = "/etc/inferometer/key.pem",
                            .server_name = "inner.example.com",
                            .insecure_skip_verify = true});
  CHECK(provider.proxy ==
        Proxy{.url = "socks5h://proxy:1080",
              .username = "u",
              .password = SecretRef{SecretRef::Kind::file, "/etc/inferometer/proxy-password"},
              .no_proxy = ".svc,localhost"});
  CHECK(provider.server_metrics ==
        ServerMetrics{.kind = ServerKind::sglang,
                      .url = "http://10.0.0.1:8000/metrics/?a=%2F&X-Token-Hint=not-shown",
                      .interval = 5s,
                      .auth = BearerAuth{{SecretRef::Kind::file, "/etc/inferometer/scrape-token"}},
                      .headers = {{"X-Scope-Token", "not-shown"}},
                      .tls = Tls{.ca_file = "/etc/inferometer/metrics-ca.pem"}});
  CHECK(provider.models ==
        std::vector<Model>{
            {.name = "null-model"},
            {.name = "org/model ü", .context_window = 128'000, .extra_body = R"({"a": "$b"})"},
            {.name = "~"},
            {.name = "true"},
            {.name = "7"}});

  const Provider& second = config.providers[1];
  CHECK(second.auth == Auth(BearerAuth{{SecretRef::Kind::file, "/etc/inferometer/secrets/key"}}));
  CHECK(second.http_version == HttpVersion::http_2);
  CHECK(second.proxy.password == SecretRef{SecretRef::Kind::environment, "PROXY_PASSWORD"});
}

TEST_CASE("a provider needs little and gets defaults for the rest") {
  const Config config = sample::load_good(sample::text_with({}));
  Provider expected;
  expected.name = "p";
  expected.protocol = "openai-chat";
  expected.base_url = "https://api.example.com/v1";
  expected.models = {{"m"}, {"n"}};
  CHECK(config.providers[0] == expected);
  CHECK(expected.max_tokens_parameter == "max_completion_tokens");
  CHECK(expected.http_version == HttpVersion::automatic);
  CHECK_FALSE(expected.ignore_eos);
}

TEST_CASE("empty mappings of a provider are the same as none") {
  CHECK(sample::load_good(sample::text_with({.provider = "auth: {}"})) ==
        sample::load_good(sample::text_with({})));
  CHECK(sample::load_good(sample::text_with({.provider = "headers: {}"})) ==
        sample::load_good(sample::text_with({})));
  CHECK(sample::load_good(sample::text_with({.provider = "tls: {}"})) ==
        sample::load_good(sample::text_with({})));
}

TEST_CASE("metrics of a server are read every 15 seconds unless said otherwise") {
  const Config config = sample::load_good(sample::text_with(
      {.provider = "server_metrics: {kind: llamacpp, url: \"http://a:8080/metrics/\"}"}));
  CHECK(config.providers[0].server_metrics == ServerMetrics{.kind = ServerKind::llamacpp,
                                                            .url = "http://a:8080/metrics/",
                                                            .interval = 15s});
}

TEST_CASE("the URL of a server's metrics stays as it was written") {
  for (const std::string url :
       {"http://a/metrics/", "http://a:80/metrics", "https://a:8443/a%20b//?format=prometheus&x",
        "http://a?module=llm", "http://[::1]:8000/metrics?key_name=x"}) {
    CAPTURE(url);
    const Config config = sample::load_good(
        sample::text_with({.provider = "server_metrics: {kind: vllm, url: \"" + url + "\"}"}));
    CHECK(config.providers[0].server_metrics->url == url);
  }
}

TEST_CASE("a server's metrics may have a credential in a header of any name") {
  const Config config = sample::load_good(sample::text_with(
      {.provider = "server_metrics: {kind: triton, url: \"http://a/metrics\", auth: {header: "
                   "{name: X-Api-Key, value_env: METRICS_KEY}}}"}));
  CHECK(config.providers[0].server_metrics->auth ==
        ServerMetricsAuth(HeaderAuth{.name = "X-Api-Key",
                                     .value = {SecretRef::Kind::environment, "METRICS_KEY"}}));
}

TEST_CASE("ignore_eos may be false where the protocol cannot ask for it") {
  std::string text = sample::text_with({.provider = "ignore_eos: false"});
  text.replace(text.find("openai-chat"), 11, "anthropic");
  CHECK_FALSE(sample::load_good(text).providers[0].ignore_eos);
}

TEST_CASE("ignore_eos is not judged by a protocol that was refused") {
  std::string text = sample::text_with({.provider = "ignore_eos: true"});
  text.replace(text.find("openai-chat"), 11, "opnai-chat");
  CHECK(sample::load_bad(text).find("ignore_eos") == std::string::npos);
}

TEST_CASE("a provider with an error is still known to the probes") {
  CHECK(sample::load_bad(sample::text_with({.provider = "http_version: 9"})) ==
        "config.yml:6:19: http_version: expected auto, 1.1 or 2, found \"9\"\n");
}

}  // namespace inferometer::config
