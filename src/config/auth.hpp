#pragma once

#include <optional>
#include <string>
#include <variant>

/// How the requests to a provider prove whose they are: one structure for each type of `auth`.
namespace inferometer::config {

/// Where a secret is found; the configuration never holds the secret itself.
struct SecretRef {
  enum class Kind { environment, file };
  Kind kind = Kind::environment;
  std::string name;  ///< the variable or the path

  bool operator==(const SecretRef&) const = default;
};

/// `Authorization: Bearer …`.
struct BearerAuth {
  SecretRef token;

  bool operator==(const BearerAuth&) const = default;
};

/// A key in the header that the protocol has for it.
struct ApiKeyAuth {
  SecretRef key;

  bool operator==(const ApiKeyAuth&) const = default;
};

/// A Google service account: tokens by JWT (RFC 7523).
struct GoogleAuth {
  std::string service_account_file;  ///< the key as Google's console gives it, JSON

  bool operator==(const GoogleAuth&) const = default;
};

/// AWS Signature Version 4.
struct AwsAuth {
  std::string region;
  SecretRef access_key_id;
  SecretRef secret_access_key;
  std::optional<SecretRef> session_token;

  bool operator==(const AwsAuth&) const = default;
};

/// The keys of an AWS role, for a token that an OIDC provider such as EKS issues. What neither the
/// file nor the environment says is empty.
struct AwsWebIdentityAuth {
  std::string region;
  std::string role_arn;
  std::string token_file;  ///< holds the token, which whoever issues it renews
  std::string session_name;
  std::string sts_url;  ///< https, or http to this machine

  bool operator==(const AwsWebIdentityAuth&) const = default;
};

/// The keys of an AWS role that EKS' Pod Identity Agent or ECS gives to a container.
struct AwsPodIdentityAuth {
  std::string region;
  std::string url;                 ///< from the environment; empty: it says none
  std::optional<SecretRef> token;  ///< that identifies the container

  bool operator==(const AwsPodIdentityAuth&) const = default;
};

/// The keys of the role of an EC2 instance.
struct AwsInstanceAuth {
  std::string region;
  std::string url;  ///< of the instance's metadata service

  bool operator==(const AwsInstanceAuth&) const = default;
};

/// The tokens of the service account of a machine or pod in Google's cloud.
struct GoogleMetadataAuth {
  std::string url;  ///< of the metadata server

  bool operator==(const GoogleMetadataAuth&) const = default;
};

/// Google's workload identity federation: tokens for a token of another party's.
struct GoogleExternalAccountAuth {
  std::string file;  ///< of the type external_account; no secret

  bool operator==(const GoogleExternalAccountAuth&) const = default;
};

/// The tokens of the managed identity of a machine or an app in Azure.
struct AzureManagedIdentityAuth {
  std::string resource;
  std::string client_id;            ///< of a user-assigned identity; empty: the only one
  std::string url;                  ///< where tokens are asked for
  std::optional<SecretRef> header;  ///< given where App Service's endpoint is asked

  bool operator==(const AzureManagedIdentityAuth&) const = default;
};

/// The tokens of an identity in Microsoft Entra for a token that Kubernetes issues. What neither
/// the file nor the environment says is empty.
struct AzureWorkloadIdentityAuth {
  std::string resource;
  std::string client_id;
  std::string tenant_id;
  std::string token_file;
  std::string authority;  ///< https, or http to this machine

  bool operator==(const AzureWorkloadIdentityAuth&) const = default;
};

/// OAuth2 client credentials (RFC 6749, 4.4).
struct OAuth2Auth {
  std::string token_url;
  std::string client_id;
  SecretRef client_secret;
  std::string scope;  ///< empty: none

  bool operator==(const OAuth2Auth&) const = default;
};

/// The first alternative: none.
using Auth =
    std::variant<std::monostate, BearerAuth, ApiKeyAuth, GoogleAuth, GoogleMetadataAuth,
                 GoogleExternalAccountAuth, AwsAuth, AwsWebIdentityAuth, AwsPodIdentityAuth,
                 AwsInstanceAuth, AzureManagedIdentityAuth, AzureWorkloadIdentityAuth, OAuth2Auth>;

}  // namespace inferometer::config
