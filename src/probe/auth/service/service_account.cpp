#include "probe/auth/service/service_account.hpp"

#include "config/problem.hpp"
#include "config/read_file.hpp"
#include "config/yaml/url_values.hpp"
#include "wire/base64.hpp"
#include "wire/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;
using nlohmann::json;

constexpr std::size_t k_longest_file = std::size_t{64} * 1024;
constexpr std::string_view k_scope = "https://www.googleapis.com/auth/cloud-platform";

/// The text member, taken out of `object` so that no copy of a key is left there.
Result<std::string> take_text(json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string() ||
      found->get_ref<const std::string&>().empty()) {
    return base::fail(fmt::format("has no text {}", name));
  }
  return std::move(found->get_ref<std::string&>());
}

/// The errors continue a sentence that begins with the file's name.
Result<ServiceAccount> parse_service_account(std::string_view content) {
  json object = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("is not a JSON object");
  }
  const auto type = object.find("type");
  if (type == object.end() || *type != "service_account") {
    return base::fail("is of another type than service_account");
  }
  Result<std::string> email = take_text(object, "client_email");
  Result<std::string> key_id = take_text(object, "private_key_id");
  Result<std::string> key = take_text(object, "private_key");
  Result<std::string> uri = take_text(object, "token_uri");
  for (const Result<std::string>* text : {&email, &key_id, &key, &uri}) {
    if (!*text) {
      return tl::make_unexpected(text->error());
    }
  }
  ServiceAccount account{.client_email = *std::move(email),
                         .private_key_id = *std::move(key_id),
                         .private_key = Secret(*std::move(key)),
                         .token_uri = {}};
  const Result<std::string> url = config::parse_token_url(*uri);
  if (!url) {
    return base::fail(fmt::format("has a token_uri that is not to be trusted: {}",
                                  url.error().message.empty() ? "no URL" : url.error().message));
  }
  account.token_uri = *url;
  return account;
}

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Key read_private_key(const Secret& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> source(
      BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())), &BIO_free);
  // Without a callback OpenSSL would ask the terminal for the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  return {source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr) : nullptr,
          &EVP_PKEY_free};
}

/// RSASSA-PKCS1-v1_5 with SHA-256; no value where OpenSSL has no memory for it.
std::optional<std::string> sign_rs256(EVP_PKEY* key, std::string_view data) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1) {
    return std::nullopt;
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, data.size()) != 1) {
    return std::nullopt;
  }
  signature.resize(size);
  return signature;
}

}  // namespace

Result<ServiceAccount> read_service_account(const std::string& path) {
  const std::string where = "the service account file " + config::quote(path);
  Result<std::string> content =
      config::read_file_within(config::k_read_limit, path, k_longest_file);
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  const Secret wiped(*std::move(content));
  return parse_service_account(wiped.reveal()).map_error([&where](const base::Error& error) {
    return base::Error{fmt::format("{} {}: download the account's JSON key from Google again",
                                   where, error.message)};
  });
}

Result<Secret> make_assertion(const ServiceAccount& account, base::WallTime now) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  constexpr int k_valid_seconds = 3600;  // the most that Google takes
  const json header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account.private_key_id}};
  const json claims{{"iss", account.client_email},
                    {"scope", k_scope},
                    {"aud", account.token_uri},
                    {"iat", seconds},
                    {"exp", seconds + k_valid_seconds}};
  const std::string signed_part = wire::base64url_encode(wire::write_json(header)) + '.' +
                                  wire::base64url_encode(wire::write_json(claims));
  const Key key = read_private_key(account.private_key);
  const bool is_rsa = key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
  const auto signature = is_rsa ? sign_rs256(key.get(), signed_part) : std::nullopt;
  if (!signature) {
    ERR_clear_error();  // it would show up as an error of the next user of this thread's queue
    return base::fail(
        fmt::format("the private key of the service account {} is not an RSA key in PEM without a "
                    "password: download the account's JSON key from Google again",
                    config::quote(account.client_email)));
  }
  return Secret(signed_part + '.' + wire::base64url_encode(*signature));
}

}  // namespace inferometer::probe::auth
