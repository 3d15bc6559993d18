#include "fuzz/input.hpp"
#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/reason.hpp"
#include "probe/auth/service/aws_keys.hpp"
#include "probe/auth/service/external_account.hpp"
#include "wire/xml.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

// What the services that grant credentials answer: whatever it is, what comes out of it is a
// credential that a header can carry, with a life, or an error.

namespace {

using namespace inferometer;
using namespace inferometer::probe::auth;

void check_secret(const base::Secret& secret) {
  fuzz::require(!secret.empty());
  fuzz::require(std::all_of(secret.reveal().begin(), secret.reveal().end(),
                            [](char c) { return c > ' ' && c < '\x7f'; }));
}

void check_credential(const base::Result<Credential>& credential) {
  if (!credential) {
    fuzz::require(!credential.error().message.empty());
    return;
  }
  fuzz::require(credential->life >= std::chrono::seconds(1));
  fuzz::require(credential->life <= std::chrono::hours(366 * 24));
  if (const auto* token = std::get_if<base::Secret>(&credential->value)) {
    check_secret(*token);
    return;
  }
  const auto& keys = std::get<AwsKeys>(credential->value);
  check_secret(keys.access_key_id);
  check_secret(keys.secret_access_key);
  check_secret(keys.session_token);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr base::WallTime k_asked{std::chrono::seconds(1'767'225'600)};
  const std::string_view body = fuzz::Input(data, size).rest();
  check_credential(parse_token(body, k_asked));
  check_credential(parse_aws_keys(body, k_asked));
  check_credential(parse_sts_reply(body, k_asked));
  (void)reason_in(body);
  fuzz::require(plain_text_in(body).size() <= size);
  if (const auto text = wire::xml_text(body, "A")) {
    fuzz::require(text->size() <= size);
  }
  if (const auto account = parse_external_account(body)) {
    fuzz::require(account->source_file.empty() != account->source_url.empty());
  }
  for (const char* field : {"", "access_token"}) {
    if (const auto token = parse_subject_token(body, field)) {
      check_secret(*token);
    }
  }
  return 0;
}
