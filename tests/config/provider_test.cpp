#include "config/provider.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {

TEST_CASE("every key of a provider is read") {
  const Config config = sample::load_good(sample::full_text());
  REQUIRE(config.providers.size() == 2);
  const Provider& provider = config.providers[0];
  CHECK(provider.name == "p $ \"1\"");
  CHECK(provider.protocol == "openai-chat");
  CHECK(provider.base_url == "https://api.example.com:8443/v1");
  CHECK(provider.auth == Auth(BearerAuth{{SecretRef::Kind::environment, "API_KEY"}}));
  CHECK(provider.headers == std::map<std::string, std::string>{{"X-Team", "a: value #1"},
                                                               {"X-Request-Token", "not-shown"}});
  CHECK(provider.max_tokens_parameter == "max_tokens");
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
  CHECK(provider.models ==
        std::vector<Model>{{"null-model"}, {"org/model ü"}, {"~"}, {"true"}, {"7"}});

  const Provider& second = config.providers[1];
  CHECK(second.auth == Auth(BearerAuth{{SecretRef::Kind::file, "/etc/inferometer/secrets/key"}}));
  CHECK(second.http_version == HttpVersion::http_2);
  CHECK(second.proxy.password == SecretRef{SecretRef::Kind::environment, "PROXY_PASSWORD"});
}

TEST_CASE("a provider needs little and gets defaults for the rest") {
  const Config config = sample::load_good(sample::text_with({}));
  CHECK(config.providers[0] == Provider{.name = "p",
                                        .protocol = "openai-chat",
                                        .base_url = "https://api.example.com/v1",
                                        .auth = {},
                                        .headers = {},
                                        .max_tokens_parameter = "max_completion_tokens",
                                        .http_version = HttpVersion::automatic,
                                        .tls = {},
                                        .proxy = {},
                                        .models = {{"m"}, {"n"}}});
}

TEST_CASE("empty mappings of a provider are the same as none") {
  CHECK(sample::load_good(sample::text_with({.provider = "auth: {}"})) ==
        sample::load_good(sample::text_with({})));
  CHECK(sample::load_good(sample::text_with({.provider = "headers: {}"})) ==
        sample::load_good(sample::text_with({})));
  CHECK(sample::load_good(sample::text_with({.provider = "tls: {}"})) ==
        sample::load_good(sample::text_with({})));
}

TEST_CASE("64 headers are allowed") {
  std::string headers = "headers: {X-0: a";
  for (int i = 1; i < 64; ++i) {
    headers += ", X-" + std::to_string(i) + ": a";
  }
  const Config config = sample::load_good(sample::text_with({.provider = headers + "}"}));
  CHECK(config.providers[0].headers.size() == 64);
}

TEST_CASE("a provider with an error is still known to the probes") {
  CHECK(sample::load_bad(sample::text_with({.provider = "http_version: 9"})) ==
        "config.yml:6:19: http_version: expected auto, 1.1 or 2, found \"9\"\n");
}

TEST_CASE("a header is refused as a credential also where its value comes from a variable") {
  const std::string messages = sample::load_bad(
      sample::text_with({.provider = "headers: {authorization: \"Bearer ${SECRET}\"}"}));
  CHECK(messages.find("a literal secret") != std::string::npos);
  CHECK(messages.find("hunter2") == std::string::npos);
}

}  // namespace inferometer::config
