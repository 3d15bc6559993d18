#include "probe/auth/authorizer.hpp"

#include "fakes/fake_clock.hpp"
#include "fakes/temporary_folder.hpp"
#include "probe/auth/held_transport.hpp"
#include "probe/auth/secret_file.hpp"
#include "probe/auth/service/service_account_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace inferometer::probe::auth {
namespace {

using Texts = std::vector<std::string>;

struct Setup {
  fakes::TemporaryFolder folder;
  HeldTransport endpoint;
  fakes::FakeClock clock;
  Authorizer authorizer{endpoint, clock};
  config::Provider provider = named("p");
  transport::Request request;
  int calls = 0;
  std::optional<AuthorizationResult> result;

  static config::Provider named(std::string name) {
    config::Provider made;
    made.name = std::move(name);
    return made;
  }

  void authorize(std::string_view api_key_header = "") {
    const protocol::Protocol protocol{.name = "x",
                                      .stream_content_type = "",
                                      .api_key_header = api_key_header,
                                      .takes_ignore_eos = false,
                                      .make_request = nullptr,
                                      .make_stream_decoder = nullptr,
                                      .make_body_decoder = nullptr};
    authorizer.authorize(provider, protocol, request,
                         [this](std::optional<AuthorizationResult> given) {
                           ++calls;
                           result = std::move(given);
                         });
  }

  /// "name: value" of each header.
  [[nodiscard]] Texts headers() const {
    REQUIRE(result);
    REQUIRE(*result);
    Texts texts;
    for (const auto& [name, value] : (*result)->headers) {
      texts.push_back(name + ": " + value.reveal());
    }
    return texts;
  }

  [[nodiscard]] Texts secrets() const {
    Texts texts;
    for (const base::Secret& secret : (*result)->secrets) {
      texts.push_back(secret.reveal());
    }
    return texts;
  }
};

}  // namespace

TEST_CASE("authorizer: no auth adds nothing") {
  Setup setup;
  setup.authorize("api-key");
  CHECK(setup.calls == 1);
  CHECK(setup.headers() == Texts{});
  CHECK(setup.secrets() == Texts{});
}

TEST_CASE("authorizer: a bearer token and an API key go into their headers") {
  Setup setup;
  const config::SecretRef key = secret_file(setup.folder, "key", "sk-1\n");
  setup.provider.auth = config::BearerAuth{key};
  setup.authorize("api-key");
  CHECK(setup.headers() == Texts{"Authorization: Bearer sk-1"});
  CHECK(setup.secrets() == Texts{"sk-1"});
  setup.provider.auth = config::ApiKeyAuth{key};
  setup.authorize("api-key");
  CHECK(setup.headers() == Texts{"api-key: sk-1"});
  CHECK(setup.secrets() == Texts{"sk-1"});
  setup.authorize("");
  CHECK(setup.headers() == Texts{"Authorization: Bearer sk-1"});
}

TEST_CASE("authorizer: a key that changed counts at once") {
  Setup setup;
  setup.provider.auth = config::BearerAuth{secret_file(setup.folder, "key", "sk-1")};
  setup.authorize();
  (void)secret_file(setup.folder, "key", "sk-2");
  setup.authorize();
  CHECK(setup.headers() == Texts{"Authorization: Bearer sk-2"});
}

TEST_CASE("authorizer: a secret that cannot be read is our own error") {
  Setup setup;
  for (const config::Auth& auth :
       {config::Auth(config::BearerAuth{missing_secret()}),
        config::Auth(config::ApiKeyAuth{missing_secret()}),
        config::Auth(config::AwsAuth{.region = "r",
        .access_key_id = missing_secret(),
        .secret_access_key = missing_secret(),
        .session_token = {}}),
        config::Auth(config::GoogleAuth{"/nonexistent/secret"}),
        config::Auth(config::OAuth2Auth{.token_url = "https://login.example/token",
        .client_id = "id",
        .client_secret = missing_secret(),
        .scope = {}})}) {
    setup.provider.auth = auth;
    setup.calls = 0;
    setup.authorize();
    CHECK(setup.calls == 1);
    REQUIRE(setup.result);
    REQUIRE_FALSE(*setup.result);
    CHECK(setup.result->error().outcome == measure::Outcome::internal_error);
    CHECK(setup.result->error().message.find("/nonexistent/secret") != std::string::npos);
  }
  CHECK(setup.endpoint.requests.empty());
}

TEST_CASE("authorizer: requests to Bedrock are signed for their hour") {
  Setup setup;
  setup.provider.auth =
      config::AwsAuth{.region = "eu-central-1",
                      .access_key_id = secret_file(setup.folder, "id", "AKID"),
                      .secret_access_key = secret_file(setup.folder, "key", "secret"),
                      .session_token = {}};
  setup.request.url = "https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/converse";
  setup.authorize();
  const Texts headers = setup.headers();
  REQUIRE(headers.size() == 2);
  CHECK(headers[0] == "X-Amz-Date: 20231114T231320Z");
  CHECK(
      headers[1].starts_with("Authorization: AWS4-HMAC-SHA256 "
                             "Credential=AKID/20231114/eu-central-1/bedrock/aws4_request, "
                             "SignedHeaders=host;x-amz-date, Signature="));
}

TEST_CASE("authorizer: a service account's token comes later and is used again") {
  Setup setup;
  setup.provider.auth =
      config::GoogleAuth{setup.folder.write("key.json", service_account_json().dump())};
  setup.authorize();
  CHECK(setup.calls == 0);
  REQUIRE(setup.endpoint.open() == 1);
  CHECK(setup.endpoint.requests[0].url == "https://oauth2.googleapis.com/token");
  setup.endpoint.grant("ya29.token", 3599);
  CHECK(setup.calls == 1);
  CHECK(setup.headers() == Texts{"Authorization: Bearer ya29.token"});
  CHECK(setup.secrets() == Texts{"ya29.token"});
  setup.authorize();
  CHECK(setup.calls == 2);
  CHECK(setup.endpoint.requests.size() == 1);
}

TEST_CASE("authorizer: a token that is refused or cut is told") {
  Setup setup;
  setup.provider.auth =
      config::OAuth2Auth{.token_url = "https://login.example/token",
                         .client_id = "id",
                         .client_secret = secret_file(setup.folder, "secret", "client-secret"),
                         .scope = {}};
  setup.authorize();
  setup.endpoint.answer(401, R"({"error":"invalid_client","error_description":"client-secret"})");
  REQUIRE(setup.result);
  REQUIRE_FALSE(*setup.result);
  CHECK(setup.result->error().outcome == measure::Outcome::auth_error);
  CHECK(setup.result->error().message ==
        "no token from \"https://login.example/token\": HTTP 401: invalid_client: <secret>");
  setup.clock.advance(std::chrono::seconds(5));
  setup.authorize();
  setup.endpoint.stop();
  CHECK(setup.calls == 2);
  CHECK_FALSE(setup.result);
}

TEST_CASE("authorizer: refresh fetches tokens alone") {
  Setup setup;
  setup.provider.auth = config::BearerAuth{missing_secret()};
  setup.authorizer.refresh(setup.provider);
  CHECK(setup.endpoint.requests.empty());
  setup.provider.auth =
      config::OAuth2Auth{.token_url = "https://login.example/token",
                         .client_id = "id",
                         .client_secret = secret_file(setup.folder, "secret", "client-secret"),
                         .scope = {}};
  setup.authorizer.refresh(setup.provider);
  REQUIRE(setup.endpoint.requests.size() == 1);
  setup.endpoint.grant("a", 3600);
  setup.authorize();
  CHECK(setup.headers() == Texts{"Authorization: Bearer a"});
  setup.authorizer.keep({});
  setup.authorizer.refresh(setup.provider);
  CHECK(setup.endpoint.requests.size() == 2);
}

}  // namespace inferometer::probe::auth
