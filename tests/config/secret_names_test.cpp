#include "config/secret_names.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

bool names(std::string_view hint, std::string_view key) {
  return hint.find(key) != std::string_view::npos;
}

}  // namespace

TEST_CASE("headers that carry a credential are known in any case") {
  for (const std::string_view name :
       {"authorization", "Authorization", "PROXY-AUTHORIZATION", "Cookie", "api-key", "X-Api-Key",
        "x-goog-api-key", "X-Amz-Security-Token"}) {
    CHECK_FALSE(hint_for_secret_header(name).empty());
    CHECK(may_carry_secret(name));
  }
  for (const std::string_view name : {"x-title", "x-session-token", "key", "token"}) {
    CHECK(hint_for_secret_header(name).empty());
  }
}

TEST_CASE("a hint names the key that fits the header") {
  CHECK(names(hint_for_secret_header("Authorization"), "bearer_env"));
  CHECK(names(hint_for_secret_header("api-key"), "api_key_env"));
  CHECK(names(hint_for_secret_header("x-api-key"), "api_key_env"));
  CHECK(names(hint_for_secret_header("x-goog-api-key"), "api_key_env"));
  CHECK(names(hint_for_secret_header("x-amz-security-token"), "session_token_env"));
  CHECK(names(hint_for_secret_header("proxy-authorization"), "password_env"));
}

TEST_CASE("a hint names the key that fits the place of a literal secret") {
  CHECK(names(hint_for_secret_key("api_key"), "api_key_env"));
  CHECK(names(hint_for_secret_key("API-KEY"), "api_key_env"));
  CHECK(names(hint_for_secret_key("token"), "bearer_env"));
  CHECK(names(hint_for_secret_key("client_secret"), "client_secret_env"));
  CHECK(names(hint_for_secret_key("secret_access_key"), "secret_access_key_env"));
  CHECK(names(hint_for_secret_key("private_key"), "google_service_account_file"));
  CHECK(hint_for_secret_key("auth").empty());
  CHECK(hint_for_secret_key("interval").empty());
}

TEST_CASE("a header smells of a secret by its words") {
  for (const std::string_view name :
       {"X-Session-TOKEN", "x-secret", "MyKey", "x-author", "set-cookie", "X-PassWord", "X-Sig"}) {
    CHECK(may_carry_secret(name));
  }
  CHECK_FALSE(may_carry_secret("X-Title"));
}

}  // namespace inferometer::config
