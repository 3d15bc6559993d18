#include "probe/auth/service/external_account.hpp"

#include "base/ascii.hpp"
#include "config/problem.hpp"
#include "config/read_file.hpp"
#include "config/yaml/url_values.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;
using nlohmann::json;

constexpr std::size_t k_longest_account = std::size_t{64} * 1024;

/// The text member, or empty where there is none.
std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// An object to look into, empty where there is none.
const json& object_of(const json& object, const char* name) {
  static const json k_none = json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : k_none;
}

Result<void> read_url(const json& object, const char* name, std::string& into) {
  const Result<std::string> url = config::parse_token_url(text_of(object, name));
  if (!url) {
    return base::fail(fmt::format("has a {} that is not to be trusted: {}", name,
                                  url.error().message.empty() ? "no URL" : url.error().message));
  }
  into = *url;
  return {};
}

Result<void> read_source_headers(const json& source, ExternalAccount& account) {
  constexpr std::size_t k_most = 16;
  const json& headers = object_of(source, "headers");
  if (headers.size() > k_most) {
    return base::fail("has too many headers of its credential_source");
  }
  for (const auto& [name, value] : headers.items()) {
    const bool is_value =
        value.is_string() && std::ranges::all_of(value.get<std::string>(),
                                                 [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!config::is_header_name(name) || !is_value) {
      return base::fail("has headers of its credential_source that cannot be sent");
    }
    account.source_headers.emplace_back(name, Secret(value.get<std::string>()));
  }
  return {};
}

Result<void> read_format(const json& source, ExternalAccount& account) {
  const json& format = object_of(source, "format");
  const std::string type = text_of(format, "type");
  if (type == "json") {
    account.source_field = text_of(format, "subject_token_field_name");
    if (account.source_field.empty()) {
      return base::fail("has no subject_token_field_name in the format of its credential_source");
    }
  } else if (!type.empty() && type != "text") {
    return base::fail("has a format of its credential_source that is neither text nor json");
  }
  return {};
}

Result<void> read_token_source(const json& source, ExternalAccount& account) {
  account.source_file = text_of(source, "file");
  const std::string url = text_of(source, "url");
  if (account.source_file.empty() == url.empty() || source.contains("environment_id")) {
    return base::fail(
        "has a credential_source that is neither a file nor a url: other kinds (aws, executable, "
        "certificate) are not supported");
  }
  if (!url.empty()) {
    const Result<std::string> parsed = config::parse_metadata_url(url);
    if (!parsed) {
      return base::fail("has a url of its credential_source that is not to be trusted: " +
                        parsed.error().message);
    }
    account.source_url = *parsed;
  }
  return read_source_headers(source, account).and_then([&] {
    return read_format(source, account);
  });
}

Result<void> read_impersonation(const json& object, ExternalAccount& account) {
  if (!object.contains("service_account_impersonation_url")) {
    return {};
  }
  const json& options = object_of(object, "service_account_impersonation");
  if (const auto life = options.find("token_lifetime_seconds"); life != options.end()) {
    constexpr std::uint32_t k_least = 600;
    constexpr std::uint32_t k_most = 43'200;
    if (!life->is_number_unsigned() || *life < k_least || *life > k_most) {
      return base::fail("has a token_lifetime_seconds that is not from 600 to 43200");
    }
    account.impersonation_seconds = life->get<std::uint32_t>();
  }
  return read_url(object, "service_account_impersonation_url", account.impersonation_url);
}

}  // namespace

Result<ExternalAccount> parse_external_account(std::string_view content) {
  const json object = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("is not a JSON object");
  }
  if (text_of(object, "type") != "external_account") {
    return base::fail("is of another type than external_account");
  }
  ExternalAccount account;
  account.audience = text_of(object, "audience");
  account.subject_token_type = text_of(object, "subject_token_type");
  if (account.audience.empty() || account.subject_token_type.empty()) {
    return base::fail("has no audience or no subject_token_type");
  }
  return read_url(object, "token_url", account.token_url)
      .and_then([&] { return read_impersonation(object, account); })
      .and_then([&] { return read_token_source(object_of(object, "credential_source"), account); })
      .map([&] { return std::move(account); });
}

Result<ExternalAccount> read_external_account(const std::string& path) {
  const std::string where = "the external account file " + config::quote(path);
  const Result<std::string> content =
      config::read_file_within(config::k_read_limit, path, k_longest_account);
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  return parse_external_account(*content).map_error([&where](const base::Error& error) {
    return base::Error{fmt::format(
        "{} {}: make it anew with gcloud iam workload-identity-pools create-cred-config", where,
        error.message)};
  });
}

Result<Secret> parse_subject_token(std::string_view content, std::string_view field) {
  Secret token;
  if (field.empty()) {
    const std::size_t end = content.find_last_not_of(" \t\r\n");
    token = Secret(std::string(content.substr(0, end + 1)));
  } else {
    json object = json::parse(content, nullptr, /*allow_exceptions=*/false);
    const auto found = object.is_object() ? object.find(field) : object.end();
    if (found == object.end() || !found->is_string()) {
      return base::fail("has no text of the name that subject_token_field_name says");
    }
    token = Secret(std::move(found->get_ref<std::string&>()));
  }
  if (token.empty() || !std::ranges::all_of(token.reveal(), base::is_visible_ascii)) {
    return base::fail("holds no token in one line of visible ASCII");
  }
  return token;
}

}  // namespace inferometer::probe::auth
