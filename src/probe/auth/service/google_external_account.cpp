#include "config/problem.hpp"
#include "config/read_file.hpp"
#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/service/external_account.hpp"
#include "probe/auth/services.hpp"
#include "wire/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::Secret;
using nlohmann::json;

constexpr std::string_view k_cloud_platform = "https://www.googleapis.com/auth/cloud-platform";

constexpr std::array k_exchange_hints{
    Hint{"invalid_target", "check the audience: the pool and its provider must exist"},
    Hint{"invalid_grant",
         "the provider of the pool refuses the token: check its issuer, audiences and condition, "
         "and that the token is renewed"},
    Hint{"unauthorized_client", "the provider's attribute condition refuses this token"}};

constexpr std::array k_impersonation_hints{
    Hint{"PERMISSION_DENIED",
         "grant the pool's principal roles/iam.workloadIdentityUser on the service account, and "
         "enable the IAM Service Account Credentials API"},
    Hint{"NOT_FOUND", "check the service account in service_account_impersonation_url"}};

/// generateAccessToken of Google's IAM Service Account Credentials API.
Result<Next> read_impersonated(std::string_view body, WallTime asked) {
  json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("the answer is not a JSON object");
  }
  Result<Secret> token = take_secret(object, "accessToken");
  const Result<Secret> expiry = take_secret(object, "expireTime");
  if (!token || !expiry) {
    return tl::make_unexpected(token ? expiry.error() : token.error());
  }
  return life_until(expiry->reveal(), asked).map([&token](base::Duration life) {
    return Next(Credential{.value = *std::move(token), .life = life});
  });
}

/// The requests that follow the first answer are made before the first question, as their secrets
/// may have to be read from files: none of that is done on the transport's thread.
struct Federation {
  ExternalAccount account;
  Step exchange;     ///< without its form
  Step impersonate;  ///< without the token that it is authorized by
  WallTime asked;
};

Result<Federation> prepare(ExternalAccount account, const CredentialSource& source,
                           WallTime asked) {
  Result<Step> exchange = post_form(source, account.token_url, Form());
  if (!exchange) {
    return tl::make_unexpected(exchange.error());
  }
  Federation federation{.account = std::move(account),
                        .exchange = *std::move(exchange),
                        .impersonate = {},
                        .asked = asked};
  federation.exchange.request.headers.emplace_back("Accept", "application/json");
  federation.exchange.hints = k_exchange_hints;
  if (federation.account.impersonation_url.empty()) {
    return federation;
  }
  const json wish{{"scope", json::array({k_cloud_platform})},
                  {"lifetime", fmt::format("{}s", federation.account.impersonation_seconds)}};
  return post(source, federation.account.impersonation_url, "application/json",
              wire::write_json(wish))
      .map([&federation, asked](Step step) {
        step.request.headers.emplace_back("Accept", "application/json");
        step.hints = k_impersonation_hints;
        step.read = [asked](const transport::ResponseHead& /*head*/, std::string_view body) {
          return read_impersonated(body, asked);
        };
        federation.impersonate = std::move(step);
        return std::move(federation);
      });
}

/// Asks for the service account's token with the exchanged one.
Next impersonate(const Federation& federation, const Secret& exchanged) {
  auto step = std::make_unique<Step>(federation.impersonate);
  step->request.secret_headers.emplace_back("Authorization",
                                            Secret("Bearer " + exchanged.reveal()));
  step->secrets.push_back(exchanged);
  return step;
}

Step exchange(const Federation& federation, const Secret& subject_token) {
  Form form;
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
  form.add("audience", federation.account.audience).add("scope", k_cloud_platform);
  form.add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
  form.add("subject_token_type", federation.account.subject_token_type);
  form.add("subject_token", subject_token);
  Step step = federation.exchange;
  step.request.body = form.body();
  step.secrets.insert(step.secrets.end(), form.secrets().begin(), form.secrets().end());
  step.read = [federation](const transport::ResponseHead& /*head*/,
                           std::string_view body) -> Result<Next> {
    return parse_token(body, federation.asked).map([&federation](Credential token) {
      return federation.account.impersonation_url.empty()
                 ? Next(std::move(token))
                 : impersonate(federation, std::get<Secret>(token.value));
    });
  };
  return step;
}

Step ask_for_subject_token(const Federation& federation) {
  const ExternalAccount& account = federation.account;
  Step step = ask_metadata(transport::Method::get, account.source_url);
  step.shown = account.source_url.substr(0, account.source_url.find('?'));
  step.request.secret_headers = account.source_headers;
  for (const auto& [name, value] : account.source_headers) {
    step.secrets.push_back(value);
  }
  step.read = [federation](const transport::ResponseHead& /*head*/,
                           std::string_view body) -> Result<Next> {
    const Result<Secret> token = parse_subject_token(body, federation.account.source_field);
    if (!token) {
      return base::fail("the answer " + token.error().message);
    }
    return Next(std::make_unique<Step>(exchange(federation, *token)));
  };
  return step;
}

Result<Secret> read_subject_token(const ExternalAccount& account) {
  constexpr std::size_t k_longest_token_file = std::size_t{64} * 1024;
  const std::string where = "the subject token's file " + config::quote(account.source_file);
  Result<std::string> content =
      config::read_file_within(config::k_read_limit, account.source_file, k_longest_token_file);
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  const Secret wiped(*std::move(content));
  return parse_subject_token(wiped.reveal(), account.source_field)
      .map_error([&where](const base::Error& error) {
        return base::Error{fmt::format("{} {}", where, error.message)};
      });
}

}  // namespace

Result<Step> first_step(const config::GoogleExternalAccountAuth& auth,
                        const CredentialSource& source, WallTime asked) {
  Result<ExternalAccount> account = read_external_account(auth.file);
  if (!account) {
    return tl::make_unexpected(account.error());
  }
  const Result<Federation> federation = prepare(*std::move(account), source, asked);
  if (!federation) {
    return tl::make_unexpected(federation.error());
  }
  if (!federation->account.source_url.empty()) {
    return ask_for_subject_token(*federation);
  }
  return read_subject_token(federation->account).map([&federation](const Secret& token) {
    return exchange(*federation, token);
  });
}

}  // namespace inferometer::probe::auth
