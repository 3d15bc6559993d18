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

/// Whether `text` can name a label that the user adds to series: one of Prometheus' names that no
/// series has by itself, that neither Prometheus, a scrape's configuration nor the rules of SLOs
/// set, and that PromQL takes for a label.
[[nodiscard]] bool is_label_name(std::string_view text);

/// Whether `text` can name an HTTP header (RFC 9110, 5.1: a token), of at most 128 bytes.
[[nodiscard]] bool is_header_name(std::string_view text);

[[nodiscard]] base::Result<std::string> parse_header_name(std::string_view text);

/// A region of AWS, such as us-east-1.
[[nodiscard]] base::Result<std::string> parse_region(std::string_view text);

/// The name of an IAM role in full, such as arn:aws:iam::123456789012:role/probe.
[[nodiscard]] base::Result<std::string> parse_role_arn(std::string_view text);

/// The name of a session of such a role.
[[nodiscard]] base::Result<std::string> parse_session_name(std::string_view text);

/// An identifier of Microsoft Entra's: a GUID, or a name of a tenant.
[[nodiscard]] base::Result<std::string> parse_entra_id(std::string_view text);

/// A JSON object of at most 4096 bytes, as text, that says nothing of `stream`: what is streamed is
/// for the workload to say.
[[nodiscard]] base::Result<std::string> parse_extra_body(std::string_view text);

}  // namespace inferometer::config
