#include "e2e/system.hpp"
#include "fakes/scripted_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// No credential shows anywhere, whatever a provider, a proxy or a token endpoint says back.
namespace inferometer::e2e {
namespace {

namespace script = fakes::script;

struct Secret {
  std::string_view variable;
  std::string_view value;
};

// Each long and strange enough that it is in no output by chance.
constexpr std::array k_secrets{
    Secret{"TEST_BEARER", "sk-bearer-Zq81x"},
    Secret{"TEST_API_KEY", "sk-apikey-Vw42y/+="},
    Secret{"TEST_AWS_ID", "AKIAQQZZEXAMPLE77"},
    Secret{"TEST_AWS_SECRET", "wJalr/Secret+Kx93"},
    Secret{"TEST_AWS_SESSION", "session-token-Rm55"},
    Secret{"TEST_CLIENT_SECRET", "client-secret Tn66 &%"},
    Secret{"TEST_PROXY_PASSWORD", "proxy-password-Up77"},
};
constexpr std::string_view k_access_token = "ya29-access-token-Xk88";

std::vector<std::string> all_secrets(const std::string& private_key) {
  std::vector<std::string> values{std::string(k_access_token), private_key.substr(60, 60)};
  for (const Secret& secret : k_secrets) {
    values.emplace_back(secret.value);
  }
  values.emplace_back("client-secret%20Tn66%20%26%25");  // as a form has it
  return values;
}

std::string response(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                     headers, body.size(), body);
}

/// A provider that says back the secrets that it was sent, in its error and in a header.
fakes::Script echo(const std::vector<std::string_view>& secrets) {
  std::string all;
  for (const std::string_view secret : secrets) {
    all += fmt::format(" {}", secret);
  }
  return {script::ReadRequest{},
          script::Send{
              response("401 Unauthorized",
                       fmt::format("Content-Type: application/json\r\nx-request-id: r{}\r\n", all),
                       fmt::format(R"({{"error":{{"message":"Incorrect API key:{}"}}}})", all))}};
}

std::string_view value_of(std::string_view variable) {
  for (const Secret& secret : k_secrets) {
    if (secret.variable == variable) {
      return secret.value;
    }
  }
  throw std::out_of_range("no such secret");
}

fakes::Script token_endpoint() {
  return {script::ReadRequest{},
          script::Send{response(
              "200 OK", "Content-Type: application/json\r\n",
              fmt::format(R"({{"access_token":"{}","token_type":"Bearer","expires_in":3600}})",
                          k_access_token))}};
}

fakes::Script refusing_token_endpoint() {
  return {script::ReadRequest{},
          script::Send{response("401 Unauthorized", "Content-Type: application/json\r\n",
                                R"({"error":"invalid_client","error_description":"no: )"
                                R"(client-secret Tn66 &% client-secret%20Tn66%20%26%25"})")}};
}

/// A key for tests alone, made by openssl; the daemon signs with it.
std::string make_private_key(const TemporaryFolder& folder) {
  const std::string path = folder.path("key.pem");
  REQUIRE(run({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
               "-out", path})
              .status == 0);
  std::string key = run({"cat", path}).output;
  return key;
}

std::string service_account(const std::string& private_key, std::uint16_t token_port) {
  std::string escaped;
  for (const char c : private_key) {
    escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return fmt::format(R"({{"type":"service_account","client_email":"probe@example.com",)"
                     R"("private_key_id":"key-1","private_key":"{}",)"
                     R"("token_uri":"http://127.0.0.1:{}/token"}})",
                     escaped, token_port);
}

std::string provider(std::string_view name, std::string_view protocol, std::uint16_t port,
                     std::string_view auth) {
  return fmt::format(
      "  - {{name: {}, protocol: {}, base_url: \"http://127.0.0.1:{}/v1\", models: [m], auth: "
      "{{{}}}}}\n",
      name, protocol, port, auth);
}

/// All that the daemon shows to people.
std::string everything_shown(Daemon& daemon, const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) {
    all += http("GET", daemon.port(), "/probe?provider=" + name + "&model=m&workload=w&debug=true")
               .body;
  }
  for (const char* path : {"/", "/config", "/metrics", "/nowhere", "/probe?provider=nobody"}) {
    all += http("GET", daemon.port(), path).body;
  }
  all += http("POST", daemon.port(), "/-/reload").body;
  return all + daemon.process().output();
}

}  // namespace

TEST_CASE("no secret shows in logs or pages or metrics or errors") {
  for (const Secret& secret : k_secrets) {
    ::setenv(std::string(secret.variable).c_str(), std::string(secret.value).c_str(), 1);
  }
  const TemporaryFolder folder;
  const fakes::ScriptedServer bearer(echo({value_of("TEST_BEARER")}));
  const fakes::ScriptedServer key(echo({value_of("TEST_API_KEY")}));
  const fakes::ScriptedServer aws(
      echo({value_of("TEST_AWS_ID"), value_of("TEST_AWS_SECRET"), value_of("TEST_AWS_SESSION")}));
  const fakes::ScriptedServer with_token(echo({k_access_token}));
  const fakes::ScriptedServer proxy(
      echo({value_of("TEST_BEARER"), value_of("TEST_PROXY_PASSWORD")}));
  const fakes::ScriptedServer tokens(token_endpoint());
  const fakes::ScriptedServer refusing(refusing_token_endpoint());
  const std::string private_key = make_private_key(folder);
  const std::string account =
      folder.write("account.json", service_account(private_key, tokens.port()));

  const std::vector<std::string> names{"bearer", "key",    "anthropic-key", "aws",
                                       "google", "oauth2", "refused",       "proxied"};
  std::string providers;
  providers += provider("bearer", "openai-chat", bearer.port(), "bearer_env: TEST_BEARER");
  providers += provider("key", "openai-responses", key.port(), "api_key_env: TEST_API_KEY");
  providers += provider("anthropic-key", "anthropic", key.port(), "api_key_env: TEST_API_KEY");
  providers += provider("aws", "bedrock", aws.port(),
                        "aws: {region: us-east-1, access_key_id_env: TEST_AWS_ID, "
                        "secret_access_key_env: TEST_AWS_SECRET, "
                        "session_token_env: TEST_AWS_SESSION}");
  providers += provider("google", "gemini", with_token.port(),
                        fmt::format("google_service_account_file: \"{}\"", account));
  const auto oauth2 = [](std::uint16_t port) {
    return fmt::format(
        "oauth2: {{token_url: \"http://127.0.0.1:{}/token\", client_id: me, client_secret_env: "
        "TEST_CLIENT_SECRET}}",
        port);
  };
  providers += provider("oauth2", "openai-chat", with_token.port(), oauth2(tokens.port()));
  providers += provider("refused", "openai-chat", with_token.port(), oauth2(refusing.port()));
  providers += fmt::format(
      "  - {{name: proxied, protocol: openai-chat, base_url: \"http://192.0.2.1/v1\", models: [m], "
      "auth: {{bearer_env: TEST_BEARER}}, proxy: {{url: \"http://127.0.0.1:{}\", username: me, "
      "password_env: TEST_PROXY_PASSWORD}}}}\n",
      proxy.port());
  Daemon daemon(folder,
                fmt::format("providers:\n{}"
                            "workloads: [{{name: w, input_tokens: 64, output_tokens: 16}}]\n"
                            "probes: [{{providers: [bearer, key, anthropic-key, aws, google, "
                            "oauth2, refused, proxied], workloads: [w], interval: 300ms}}]\n",
                            providers),
                {"--log.level", "debug"});
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::string failures = fmt::format(
        R"(llm_probe_failures_total{{provider="{}",model="m",workload="w",reason="auth_error"}})",
        name);
    CHECK(eventually([&] { return daemon.sample(failures).value_or(0) >= 1; }));
  }
  const std::string shown = everything_shown(daemon, names);
  for (const Secret& secret : k_secrets) {
    ::unsetenv(std::string(secret.variable).c_str());
  }
  CHECK(shown.find("<secret>") != std::string::npos);  // it was said back, and redacted
  CHECK(shown.find("auth_error") != std::string::npos);
  for (const std::string& secret : all_secrets(private_key)) {
    CAPTURE(secret);
    CHECK(shown.find(secret) == std::string::npos);
  }
}

TEST_CASE("a literal secret in the configuration is refused without being shown") {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "bad.yml",
      "providers:\n"
      "  - {name: a, protocol: anthropic, base_url: \"https://x\", models: [m], auth: {api_key: "
      "sk-literal-Aa11}}\n"
      "  - {name: b, protocol: openai-chat, base_url: \"https://x\", models: [m], headers: "
      "{api-key: sk-literal-Aa11}}\n"
      "  - {name: c, protocol: gemini, base_url: \"https://x\", models: [m], query: {key: "
      "sk-literal-Aa11}}\n"
      "  - {name: d, protocol: bedrock, base_url: \"https://x\", models: [m], auth: {aws: {region: "
      "us-east-1, secret_access_key: sk-literal-Aa11}}}\n"
      "workloads: [{name: w, input_tokens: 64, output_tokens: 16}]\n"
      "probes: [{providers: [a, b, c, d], workloads: [w]}]\n");
  const Finished check = run(inferometer({"--config.file", file, "--config.check"}));
  CHECK(check.status == 2);
  CHECK(check.output.find("sk-literal") == std::string::npos);
  for (const char* line : {"bad.yml:2:", "bad.yml:3:", "bad.yml:4:", "bad.yml:5:"}) {
    CAPTURE(line);
    CHECK(check.output.find(line) != std::string::npos);
  }
}

}  // namespace inferometer::e2e
