#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "probe/auth/source.hpp"
#include "probe/auth/step.hpp"

/// The first question to each service that grants credentials, one file each: `asked` is when the
/// fetching begins. Files of secrets are read anew each time, since whoever writes them renews
/// them. An error says which cannot be used.
namespace inferometer::probe::auth {

using base::Result;
using base::WallTime;

/// OAuth2 client credentials (RFC 6749, 4.4).
[[nodiscard]] Result<Step> first_step(const config::OAuth2Auth& auth,
                                      const CredentialSource& source, WallTime asked);

/// A Google service account's own key (RFC 7523).
[[nodiscard]] Result<Step> first_step(const config::GoogleAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// The service account of a machine or pod in Google's cloud. Source: Google's "Access VM metadata"
/// and its library google-auth.
[[nodiscard]] Result<Step> first_step(const config::GoogleMetadataAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// Google's workload identity federation: another party's token, exchanged (RFC 8693). Source:
/// Google's AIP-4117 and its library google-auth.
[[nodiscard]] Result<Step> first_step(const config::GoogleExternalAccountAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// AWS' Security Token Service: AssumeRoleWithWebIdentity. It is a service of the protocol `query`,
/// which answers in XML (its model in botocore); the JSON that it sends to who accepts it, as Envoy
/// does, is not documented.
[[nodiscard]] Result<Step> first_step(const config::AwsWebIdentityAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// The keys of a container: EKS Pod Identity and ECS. Source: the AWS SDKs' "Container credential
/// provider" and botocore.
[[nodiscard]] Result<Step> first_step(const config::AwsPodIdentityAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// The keys of an EC2 instance's role, by IMDSv2 alone. Source: AWS' "Use the Instance Metadata
/// Service" and botocore.
[[nodiscard]] Result<Step> first_step(const config::AwsInstanceAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// The managed identity of a machine, or of an app in App Service and Container Apps. Source:
/// Microsoft's "How to use managed identities on a VM to acquire an access token" and its library
/// azure-identity.
[[nodiscard]] Result<Step> first_step(const config::AzureManagedIdentityAuth& auth,
                                      const CredentialSource& source, WallTime asked);

/// Microsoft Entra's workload identity: a client assertion (RFC 7523) that Kubernetes signed.
/// Source: Microsoft's "client credentials flow, third case" and its library azure-identity.
[[nodiscard]] Result<Step> first_step(const config::AzureWorkloadIdentityAuth& auth,
                                      const CredentialSource& source, WallTime asked);

}  // namespace inferometer::probe::auth
