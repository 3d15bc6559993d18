#include "config/secret_names.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace inferometer::config {
namespace {

constexpr std::string_view k_use_bearer =
    "name an environment variable or a file instead, by auth: {bearer_env: NAME} or "
    "{bearer_file: PATH}";
constexpr std::string_view k_use_api_key =
    "name an environment variable or a file instead, by auth: {api_key_env: NAME} or "
    "{api_key_file: PATH}";
constexpr std::string_view k_use_aws =
    "name environment variables or files instead, by auth: {aws: {region: REGION, "
    "access_key_id_env: NAME, secret_access_key_env: NAME, session_token_env: NAME}}";
constexpr std::string_view k_use_oauth2 =
    "name an environment variable or a file instead, by auth: {oauth2: {client_secret_env: NAME}} "
    "or {oauth2: {client_secret_file: PATH}}";
constexpr std::string_view k_use_google =
    "name the file that Google's console gave instead, by auth: {google_service_account_file: "
    "PATH}";
constexpr std::string_view k_use_proxy =
    "name an environment variable or a file instead, by proxy: {username: NAME, password_env: "
    "NAME} or {username: NAME, password_file: PATH}";
constexpr std::string_view k_use_auth = "it cannot be sent: give a credential by auth instead";

/// Where a name is refused, as a sum.
enum Place : unsigned { key = 1, header = 2, parameter = 4 };

struct SecretName {
  std::string_view name;
  std::string_view hint;
  unsigned places;
};

constexpr std::array k_names{
    SecretName{"access_key_id", k_use_aws, key},
    SecretName{"access_token", k_use_bearer, key + parameter},
    SecretName{"api_key", k_use_api_key, key + header + parameter},
    SecretName{"apikey", k_use_api_key, key + parameter},
    SecretName{"auth", k_use_bearer, parameter},
    SecretName{"authorization", k_use_bearer, key + header + parameter},
    SecretName{"bearer", k_use_bearer, key + parameter},
    SecretName{"client_secret", k_use_oauth2, key + parameter},
    SecretName{"cookie", k_use_auth, key + header},
    SecretName{"key", k_use_api_key, key + parameter},
    SecretName{"password", k_use_bearer, key + parameter},
    SecretName{"private_key", k_use_google, key},
    SecretName{"proxy_authorization", k_use_proxy, key + header},
    SecretName{"secret", k_use_bearer, key + parameter},
    SecretName{"secret_access_key", k_use_aws, key},
    SecretName{"session_token", k_use_aws, key},
    SecretName{"sig", k_use_auth, parameter},
    SecretName{"signature", k_use_auth, parameter},
    SecretName{"subscription_key", k_use_api_key, parameter},
    SecretName{"token", k_use_bearer, key + parameter},
    SecretName{"x_amz_security_token", k_use_aws, key + header + parameter},
    SecretName{"x_amz_signature", k_use_aws, parameter},
    SecretName{"x_api_key", k_use_api_key, key + header + parameter},
    SecretName{"x_goog_api_key", k_use_api_key, key + header + parameter},
};

std::string_view hint_for(std::string_view name, Place place) {
  std::string normal = base::to_lower(name);
  std::replace(normal.begin(), normal.end(), '-', '_');
  for (const SecretName& secret : k_names) {
    if (secret.name == normal && (secret.places & place) != 0) {
      return secret.hint;
    }
  }
  return {};
}

}  // namespace

std::string_view hint_for_secret_key(std::string_view name) {
  return hint_for(name, key);
}

std::string_view hint_for_secret_header(std::string_view name) {
  return hint_for(name, header);
}

std::string_view hint_for_secret_parameter(std::string_view name) {
  return hint_for(name, parameter);
}

bool may_carry_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 7> k_words{"key",    "token",    "secret", "auth",
                                                           "cookie", "password", "sig"};
  const std::string lower = base::to_lower(name);
  return std::any_of(k_words.begin(), k_words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace inferometer::config
