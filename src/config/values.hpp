#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// The types of single values: from their text to what they mean. An error says how to mend the
/// text without showing it; it may be empty where what the key expects says it all.
namespace inferometer::config {

/// A label value.
[[nodiscard]] base::Result<std::string> parse_name(std::string_view text);

[[nodiscard]] base::Result<std::string> parse_not_empty(std::string_view text);

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

/// Whether `text` can name an HTTP header (RFC 9110, 5.1: a token), of at most 128 bytes.
[[nodiscard]] bool is_header_name(std::string_view text);

/// Whether a header of that name carries a credential.
[[nodiscard]] bool is_credential_header(std::string_view name);

/// Whether a header of that name might carry one, judged by its words: for what is shown to
/// people, not for what is refused.
[[nodiscard]] bool smells_of_secret(std::string_view header_name);

/// An http or https URL of a host, without user, query and fragment; loses its trailing slashes.
[[nodiscard]] base::Result<std::string> parse_base_url(std::string_view text);

/// The URL of an http, https, socks5 or socks5h proxy, without user and path.
[[nodiscard]] base::Result<std::string> parse_proxy_url(std::string_view text);

}  // namespace inferometer::config
