#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

/// The types of single values: from their text to what they mean. An error says how to mend the
/// text without showing it; it may be empty where what the key expects says it all.
namespace inferometer::config {

/// A label value.
[[nodiscard]] base::Result<std::string> parse_name(std::string_view text);

[[nodiscard]] base::Result<std::string> parse_not_empty(std::string_view text);

/// A path that starts from `folder` unless it is absolute; the result is the whole of it.
[[nodiscard]] base::Result<std::string> parse_path(std::string_view text,
                                                   const std::filesystem::path& folder);

[[nodiscard]] base::Result<bool> parse_boolean(std::string_view text);

/// A decimal number in [min, max].
[[nodiscard]] base::Result<std::uint32_t> parse_whole_number(std::string_view text,
                                                             std::uint32_t min, std::uint32_t max);
[[nodiscard]] base::Result<double> parse_number(std::string_view text, double min, double max);
[[nodiscard]] base::Result<base::Duration> parse_duration_within(std::string_view text,
                                                                 base::Duration min,
                                                                 base::Duration max);

/// Any time limit: above 0 and up to an hour.
[[nodiscard]] base::Result<base::Duration> parse_timeout(std::string_view text);

/// The name of an environment variable.
[[nodiscard]] base::Result<std::string> parse_variable_name(std::string_view text);

/// `host:port`, `[v6]:port` or `:port`; port 0 lets the system choose.
[[nodiscard]] base::Result<std::string> parse_listen_address(std::string_view text);

/// A host name, or an address with IPv6 in brackets, without a port; in lower case.
[[nodiscard]] base::Result<std::string> parse_host_name(std::string_view text);

/// Whether `text` can name a label that the user adds to series: one of Prometheus' names that no
/// series has by itself, that neither Prometheus, a scrape's configuration nor the rules of SLOs
/// set, and that PromQL takes for a label.
[[nodiscard]] bool is_label_name(std::string_view text);

/// Whether `text` can name an HTTP header (RFC 9110, 5.1: a token), of at most 128 bytes.
[[nodiscard]] bool is_header_name(std::string_view text);

[[nodiscard]] base::Result<std::string> parse_header_name(std::string_view text);

/// A region of AWS, such as us-east-1.
[[nodiscard]] base::Result<std::string> parse_region(std::string_view text);

/// An http or https URL of a host, without user, query, fragment and braces; loses its trailing
/// slashes.
[[nodiscard]] base::Result<std::string> parse_http_url(std::string_view text);

/// The same, in whose path `{model}` may stand, any number of times.
[[nodiscard]] base::Result<std::string> parse_base_url(std::string_view text);

/// The same as parse_http_url, but http leads to this machine only: a secret is sent there.
[[nodiscard]] base::Result<std::string> parse_token_url(std::string_view text);

/// A URL, maybe with a query, of a server that hands out credentials to who is on its machine:
/// https, or http to this machine or to an address of its link, which no router passes on.
[[nodiscard]] base::Result<std::string> parse_metadata_url(std::string_view text);

/// The same of one for containers, by the rule of the AWS SDKs: http leads to this machine and to
/// the addresses of ECS and of EKS' Pod Identity Agent.
[[nodiscard]] base::Result<std::string> parse_container_url(std::string_view text);

/// The name of an IAM role in full, such as arn:aws:iam::123456789012:role/probe.
[[nodiscard]] base::Result<std::string> parse_role_arn(std::string_view text);

/// The name of a session of such a role.
[[nodiscard]] base::Result<std::string> parse_session_name(std::string_view text);

/// An identifier of Microsoft Entra's: a GUID, or a name of a tenant.
[[nodiscard]] base::Result<std::string> parse_entra_id(std::string_view text);

/// An http or https URL as it is, of a page that is fetched from it: path and query are the
/// server's business. Without user, fragment and braces, and without a parameter that carries a
/// secret.
[[nodiscard]] base::Result<std::string> parse_page_url(std::string_view text);

/// The URL of an http, https, socks5 or socks5h proxy, without user and path.
[[nodiscard]] base::Result<std::string> parse_proxy_url(std::string_view text);

/// A JSON object of at most 4096 bytes, as text, that says nothing of `stream`: what is streamed is
/// for the workload to say.
[[nodiscard]] base::Result<std::string> parse_extra_body(std::string_view text);

}  // namespace inferometer::config
