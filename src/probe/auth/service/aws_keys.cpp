#include "probe/auth/service/aws_keys.hpp"

#include "probe/auth/oauth2_token.hpp"
#include "wire/xml.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using nlohmann::json;

/// The four values as a JSON object, so that one reader is strict about both forms.
Result<Credential> take_keys(json& object, const char* token_name, base::WallTime asked) {
  Result<base::Secret> id = take_secret(object, "AccessKeyId");
  Result<base::Secret> key = take_secret(object, "SecretAccessKey");
  Result<base::Secret> token = take_secret(object, token_name);
  const Result<base::Secret> expiry = take_secret(object, "Expiration");
  for (const Result<base::Secret>* value :
       {&std::as_const(id), &std::as_const(key), &std::as_const(token), &expiry}) {
    if (!*value) {
      return tl::make_unexpected(value->error());
    }
  }
  return life_until(expiry->reveal(), asked).map([&](base::Duration life) {
    return Credential{.value = AwsKeys{*std::move(id), *std::move(key), *std::move(token)},
                      .life = life};
  });
}

}  // namespace

Result<Credential> parse_aws_keys(std::string_view body, base::WallTime asked) {
  json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("the answer is not a JSON object");
  }
  return take_keys(object, "Token", asked);
}

Step::Read read_aws_keys(base::WallTime asked) {
  return [asked](const transport::ResponseHead& /*head*/, std::string_view body) {
    return parse_aws_keys(body, asked).map([](Credential keys) { return Next(std::move(keys)); });
  };
}

Result<Credential> parse_sts_reply(std::string_view body, base::WallTime asked) {
  json object = json::object();
  for (const char* name : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    auto text = wire::xml_text(
        body, fmt::format("AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/"
                          "Credentials/{}",
                          name));
    if (text) {
      object[name] = *std::move(text);
    }
  }
  return take_keys(object, "SessionToken", asked);
}

}  // namespace inferometer::probe::auth
