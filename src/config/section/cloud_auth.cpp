#include "config/section/cloud_auth.hpp"

#include "config/choices.hpp"
#include "config/yaml/url_values.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

using Path = std::filesystem::path;

/// What the environment says beside one mapping of the file.
class Surroundings {
 public:
  /// Problems are reported at the value of `key`.
  Surroundings(const MappingReader& mapping, std::string_view key, const Environment& environment)
      : m_mapping(mapping), m_key(key), m_environment(environment) {}

  /// Empty if it is not set.
  [[nodiscard]] std::string variable(const char* name) const {
    return m_environment(name).value_or(std::string());
  }

  /// Replaces `into` by what the variable holds, if it is set and can be used.
  template <typename Parse>
  void read(const char* name, std::string& into, const Parse& parse) const {
    if (const std::string text = variable(name); !text.empty()) {
      take(name, parse(std::string_view(text)), into);
    }
  }

  /// The same of a text that is made of the variable's.
  void take(const char* name, base::Result<std::string> value, std::string& into) const {
    if (value) {
      into = *std::move(value);
      return;
    }
    m_mapping.problems().add(
        m_mapping.mark(m_key),
        fmt::format("{}: the environment variable {} cannot be used", m_key, quote(name)),
        value.error().message);
  }

 private:
  const MappingReader& m_mapping;
  std::string_view m_key;
  const Environment& m_environment;
};

base::Result<std::string> without_slashes(base::Result<std::string> url) {
  return std::move(url).map([](std::string text) {
    text.erase(text.find_last_not_of('/') + 1);
    return text;
  });
}

base::Result<std::string> parse_metadata_origin(std::string_view text) {
  return without_slashes(parse_metadata_url(text));
}

AwsWebIdentityAuth read_web_identity(const MappingReader& aws, const Path& folder,
                                     const Surroundings& around, std::string region) {
  AwsWebIdentityAuth auth;
  around.read("AWS_ROLE_ARN", auth.role_arn, parse_role_arn);
  around.read("AWS_WEB_IDENTITY_TOKEN_FILE", auth.token_file, parse_not_empty);
  auth.session_name = "inferometer";
  around.read("AWS_ROLE_SESSION_NAME", auth.session_name, parse_session_name);
  aws.read("role_arn", auth.role_arn, parse_role_arn);
  aws.read("token_file", auth.token_file,
           [&folder](std::string_view text) { return parse_path(text, folder); });
  aws.read("role_session_name", auth.session_name, parse_session_name);
  auth.sts_url =
      fmt::format("https://sts.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
  around.read("AWS_ENDPOINT_URL_STS", auth.sts_url, parse_token_url);
  auth.region = std::move(region);
  return auth;
}

AwsPodIdentityAuth read_pod_identity(const Surroundings& around, std::string region) {
  constexpr const char* k_relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  constexpr const char* k_token = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
  AwsPodIdentityAuth auth;
  if (const std::string path = around.variable(k_relative); !path.empty()) {
    around.take(k_relative,
                path.starts_with('/') ? parse_container_url("http://169.254.170.2" + path)
                                      : base::fail("it must begin with /"),
                auth.url);
  } else {
    around.read("AWS_CONTAINER_CREDENTIALS_FULL_URI", auth.url, parse_container_url);
  }
  std::string file = around.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file.empty()) {
    auth.token = SecretRef{.kind = SecretRef::Kind::file, .name = std::move(file)};
  } else if (!around.variable(k_token).empty()) {
    auth.token = SecretRef{.kind = SecretRef::Kind::environment, .name = k_token};
  }
  auth.region = std::move(region);
  return auth;
}

AwsInstanceAuth read_instance(const Surroundings& around, std::string region) {
  AwsInstanceAuth auth{.region = std::move(region), .url = "http://169.254.169.254"};
  around.read("AWS_EC2_METADATA_SERVICE_ENDPOINT", auth.url, parse_metadata_origin);
  return auth;
}

AzureManagedIdentityAuth read_managed_identity(const MappingReader& azure,
                                               const Surroundings& around) {
  constexpr const char* k_header = "IDENTITY_HEADER";
  AzureManagedIdentityAuth auth;
  azure.read("client_id", auth.client_id, parse_entra_id);
  if (!around.variable("IDENTITY_ENDPOINT").empty() && !around.variable(k_header).empty()) {
    around.read("IDENTITY_ENDPOINT", auth.url, parse_metadata_origin);
    auth.header = SecretRef{.kind = SecretRef::Kind::environment, .name = k_header};
    return auth;
  }
  auth.url = "http://169.254.169.254";
  around.read("AZURE_POD_IDENTITY_AUTHORITY_HOST", auth.url, parse_metadata_origin);
  auth.url += "/metadata/identity/oauth2/token";
  return auth;
}

AzureWorkloadIdentityAuth read_workload_identity(const MappingReader& azure, const Path& folder,
                                                 const Surroundings& around) {
  AzureWorkloadIdentityAuth auth;
  around.read("AZURE_CLIENT_ID", auth.client_id, parse_entra_id);
  around.read("AZURE_TENANT_ID", auth.tenant_id, parse_entra_id);
  around.read("AZURE_FEDERATED_TOKEN_FILE", auth.token_file, parse_not_empty);
  azure.read("client_id", auth.client_id, parse_entra_id);
  azure.read("tenant_id", auth.tenant_id, parse_entra_id);
  azure.read("token_file", auth.token_file,
             [&folder](std::string_view text) { return parse_path(text, folder); });
  auth.authority = "https://login.microsoftonline.com";
  around.read("AZURE_AUTHORITY_HOST", auth.authority, [](std::string_view text) {
    // The libraries take a bare host as well.
    const bool is_url = text.find("://") != std::string_view::npos;
    return parse_token_url(is_url ? std::string(text) : fmt::format("https://{}", text));
  });
  return auth;
}

}  // namespace

Auth read_aws_role(const MappingReader& aws, const Path& folder, const Environment& environment) {
  const Surroundings around(aws, "credentials", environment);
  AwsCredentials kind = AwsCredentials::web_identity;
  const bool is_known = aws.read("credentials", kind, [](std::string_view text) {
    return parse_choice(text, k_aws_credentials);
  });
  std::string region;
  aws.read("region", region, parse_region);
  if (is_known && kind != AwsCredentials::web_identity) {
    aws.refuse_useless({"role_arn", "token_file", "role_session_name"},
                       "it is for credentials: web-identity");
  }
  switch (kind) {
    case AwsCredentials::web_identity:
      return read_web_identity(aws, folder, around, std::move(region));
    case AwsCredentials::pod_identity:
      return read_pod_identity(around, std::move(region));
    case AwsCredentials::instance:
      return read_instance(around, std::move(region));
  }
  return {};
}

Auth read_azure(const MappingReader& azure, const Path& folder, const Environment& environment) {
  const Surroundings around(azure, "credentials", environment);
  AzureCredentials kind = AzureCredentials::workload_identity;
  azure.read("credentials", kind,
             [](std::string_view text) { return parse_choice(text, k_azure_credentials); });
  std::string resource = "https://cognitiveservices.azure.com";
  azure.read("resource", resource, parse_http_url);
  switch (kind) {
    case AzureCredentials::managed_identity: {
      azure.refuse_useless({"tenant_id", "token_file"}, "it is for credentials: workload-identity");
      AzureManagedIdentityAuth auth = read_managed_identity(azure, around);
      auth.resource = std::move(resource);
      return auth;
    }
    case AzureCredentials::workload_identity: {
      AzureWorkloadIdentityAuth auth = read_workload_identity(azure, folder, around);
      auth.resource = std::move(resource);
      return auth;
    }
  }
  return {};
}

Auth read_google_metadata(const MappingReader& auth, const Environment& environment) {
  const Surroundings around(auth, "google_metadata", environment);
  // By its address, as Google's library for Go does: no answer to a question for its name is
  // trusted.
  GoogleMetadataAuth google{.url = "http://169.254.169.254"};
  around.read("GCE_METADATA_HOST", google.url, [](std::string_view host) {
    return host == "metadata.google.internal"
               ? base::Result<std::string>("http://169.254.169.254")
               : parse_metadata_origin(fmt::format("http://{}", host));
  });
  return google;
}

}  // namespace inferometer::config
