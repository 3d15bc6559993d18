#include "config/section/auth.hpp"

#include "config/section/cloud_auth.hpp"
#include "config/yaml/url_values.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <string_view>

namespace inferometer::config {
namespace {

constexpr SecretKeys k_bearer{"bearer_env", "bearer_file"};
constexpr SecretKeys k_api_key{"api_key_env", "api_key_file"};
constexpr std::string_view k_google = "google_service_account_file";
constexpr std::string_view k_google_external = "google_external_account_file";
constexpr std::string_view k_google_metadata = "google_metadata";
constexpr std::string_view k_azure = "azure";
constexpr std::string_view k_aws = "aws";
constexpr std::string_view k_oauth2 = "oauth2";

/// The key of the two that is given. Two places of the same secret are no two kinds of credential.
std::string_view given_of(const MappingReader& mapping, const SecretKeys& keys) {
  return mapping.find(keys.variable) != nullptr ? keys.variable : keys.file;
}

base::Result<bool> parse_google_metadata(std::string_view text) {
  if (text != "true") {
    return base::fail(text == "false" ? "remove the key instead" : "");
  }
  return true;
}

Auth read_aws(const MappingReader& mapping, const std::filesystem::path& folder,
              const Environment& environment) {
  if (mapping.find("credentials") != nullptr) {
    for (const std::string_view key :
         {"access_key_id_env", "access_key_id_file", "secret_access_key_env",
          "secret_access_key_file", "session_token_env", "session_token_file"}) {
      mapping.allow_one({"credentials", key});
    }
    return read_aws_role(mapping, folder, environment);
  }
  mapping.refuse_useless({"role_arn", "token_file", "role_session_name"},
                         "it is for credentials: web-identity");
  AwsAuth auth;
  mapping.read("region", auth.region, parse_region);
  auth.access_key_id =
      read_required_secret_ref(mapping, {"access_key_id_env", "access_key_id_file"}, folder);
  auth.secret_access_key = read_required_secret_ref(
      mapping, {"secret_access_key_env", "secret_access_key_file"}, folder);
  auth.session_token =
      read_secret_ref(mapping, {"session_token_env", "session_token_file"}, folder);
  return auth;
}

OAuth2Auth read_oauth2(const MappingReader& mapping, const std::filesystem::path& folder) {
  OAuth2Auth auth;
  mapping.read("token_url", auth.token_url, parse_token_url);
  mapping.read("client_id", auth.client_id, parse_not_empty);
  mapping.read("scope", auth.scope, parse_not_empty);
  auth.client_secret =
      read_required_secret_ref(mapping, {"client_secret_env", "client_secret_file"}, folder);
  return auth;
}

}  // namespace

Auth read_auth(const MappingReader& mapping, const std::filesystem::path& folder,
               const Environment& environment) {
  mapping.allow_one({given_of(mapping, k_bearer), given_of(mapping, k_api_key), k_google,
                     k_google_external, k_google_metadata, k_aws, k_azure, k_oauth2});
  Auth auth;
  if (auto token = read_secret_ref(mapping, k_bearer, folder)) {
    auth = BearerAuth{*std::move(token)};
  }
  if (auto key = read_secret_ref(mapping, k_api_key, folder)) {
    auth = ApiKeyAuth{*std::move(key)};
  }
  GoogleAuth google;
  mapping.read(k_google, google.service_account_file,
               [&folder](std::string_view text) { return parse_path(text, folder); });
  if (!google.service_account_file.empty()) {
    auth = std::move(google);
  }
  GoogleExternalAccountAuth external;
  mapping.read(k_google_external, external.file,
               [&folder](std::string_view text) { return parse_path(text, folder); });
  if (!external.file.empty()) {
    auth = std::move(external);
  }
  bool from_metadata = false;
  if (mapping.read(k_google_metadata, from_metadata, parse_google_metadata) && from_metadata) {
    auth = read_google_metadata(mapping, environment);
  }
  if (const Node* node = mapping.find(k_aws)) {
    auth = read_aws(MappingReader(*node, schema::k_aws, mapping.problems()), folder, environment);
  }
  if (const Node* node = mapping.find(k_azure)) {
    auth =
        read_azure(MappingReader(*node, schema::k_azure, mapping.problems()), folder, environment);
  }
  if (const Node* node = mapping.find(k_oauth2)) {
    auth = read_oauth2(MappingReader(*node, schema::k_oauth2, mapping.problems()), folder);
  }
  return auth;
}

ServerMetricsAuth read_server_metrics_auth(const MappingReader& mapping,
                                           const std::filesystem::path& folder) {
  constexpr std::string_view k_header = "header";
  mapping.allow_one({given_of(mapping, k_bearer), k_header});
  ServerMetricsAuth auth;
  if (auto token = read_secret_ref(mapping, k_bearer, folder)) {
    auth = BearerAuth{*std::move(token)};
  }
  if (const Node* node = mapping.find(k_header)) {
    const MappingReader header(*node, schema::k_auth_header, mapping.problems());
    HeaderAuth read;
    header.read("name", read.name, parse_header_name);
    read.value = read_required_secret_ref(header, {"value_env", "value_file"}, folder);
    auth = std::move(read);
  }
  return auth;
}

std::optional<SecretRef> read_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                         const std::filesystem::path& folder) {
  SecretRef in_variable{.kind = SecretRef::Kind::environment, .name = {}};
  SecretRef in_file{.kind = SecretRef::Kind::file, .name = {}};
  mapping.read(keys.variable, in_variable.name, parse_variable_name);
  mapping.read(keys.file, in_file.name,
               [&folder](std::string_view text) { return parse_path(text, folder); });
  if (mapping.find(keys.variable) != nullptr && mapping.find(keys.file) != nullptr) {
    mapping.problems().add(mapping.mark(keys.file),
                           fmt::format("both {} and {} are given", keys.variable, keys.file),
                           "keep one of them");
  }
  if (!in_variable.name.empty()) {
    return in_variable;
  }
  return in_file.name.empty() ? std::nullopt : std::optional(in_file);
}

SecretRef read_required_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                   const std::filesystem::path& folder) {
  mapping.require_either(keys.variable, keys.file);
  return read_secret_ref(mapping, keys, folder).value_or(SecretRef());
}

}  // namespace inferometer::config
