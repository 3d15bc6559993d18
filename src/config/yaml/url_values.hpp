#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

/// The types of values that are hosts, addresses and URLs; as those of values.hpp.
namespace inferometer::config {

/// `host:port`, `[v6]:port` or `:port`; port 0 lets the system choose.
[[nodiscard]] base::Result<std::string> parse_listen_address(std::string_view text);

/// A host name, or an address with IPv6 in brackets, without a port; in lower case.
[[nodiscard]] base::Result<std::string> parse_host_name(std::string_view text);

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

/// An http or https URL as it is, of a page that is fetched from it: path and query are the
/// server's business. Without user, fragment and braces, and without a parameter that carries a
/// secret.
[[nodiscard]] base::Result<std::string> parse_page_url(std::string_view text);

/// The URL of an http, https, socks5 or socks5h proxy, without user and path.
[[nodiscard]] base::Result<std::string> parse_proxy_url(std::string_view text);

}  // namespace inferometer::config
