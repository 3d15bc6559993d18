#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The file of Google's workload identity federation: no secret, it says where a token of another
/// party's is found and where it is exchanged. Source: Google's AIP-4117.
namespace inferometer::probe::auth {

struct ExternalAccount {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;          ///< https, or http to this machine
  std::string impersonation_url;  ///< the same; empty: the exchanged token is used as it is
  std::uint32_t impersonation_seconds = 3600;

  std::string source_file;  ///< of the subject token; empty: it is asked for at the URL
  std::string source_url;   ///< https, or http to a metadata server
  std::vector<std::pair<std::string, base::Secret>> source_headers;
  std::string source_field;  ///< the member of a JSON object that is the token; empty: it is all
};

/// Reads the file as it is now. The error names the path and what is wrong, never the content.
[[nodiscard]] base::Result<ExternalAccount> read_external_account(const std::string& path);

/// The same of its text; the error continues a sentence that begins with the file's name.
[[nodiscard]] base::Result<ExternalAccount> parse_external_account(std::string_view content);

/// The subject token in what its source holds. The error continues a sentence, too.
[[nodiscard]] base::Result<base::Secret> parse_subject_token(std::string_view content,
                                                             std::string_view field);

}  // namespace inferometer::probe::auth
