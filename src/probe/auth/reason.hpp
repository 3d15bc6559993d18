#pragma once

#include <string>
#include <string_view>

namespace inferometer::probe::auth {

/// What a server that grants no credential says is wrong, its code before its message; empty where
/// the body says nothing of it. Known are OAuth2's `error` and `error_description`, an error object
/// like the APIs', the `Code` and `Message` of AWS' metadata servers, and the XML of its STS.
[[nodiscard]] std::string reason_in(std::string_view body);

/// The first line of a body that is plain text, as EKS' Pod Identity Agent answers; empty where it
/// is markup, JSON, or holds anything but printable ASCII.
[[nodiscard]] std::string plain_text_in(std::string_view body);

}  // namespace inferometer::probe::auth
