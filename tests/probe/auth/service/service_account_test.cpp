#include "probe/auth/service/service_account.hpp"

#include "fakes/temporary_folder.hpp"
#include "probe/auth/service/service_account_key.hpp"
#include "wire/base64.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <memory>
#include <string>

namespace inferometer::probe::auth {
namespace {

using nlohmann::json;

const fakes::TemporaryFolder& folder() {
  static const fakes::TemporaryFolder k_folder;
  return k_folder;
}

base::Result<ServiceAccount> read(const std::string& content) {
  return read_service_account(folder().write("key.json", content));
}

/// What is wrong with the file, without its name and the advice.
std::string problem_of(const std::string& content) {
  const auto account = read(content);
  REQUIRE_FALSE(account);
  const std::string& message = account.error().message;
  const std::string begin = "the service account file \"" + folder().path("key.json") + "\" ";
  const std::string end = ": download the account's JSON key from Google again";
  REQUIRE(message.starts_with(begin));
  REQUIRE(message.ends_with(end));
  return message.substr(begin.size(), message.size() - begin.size() - end.size());
}

ServiceAccount account_with_key(const std::string& pem) {
  return {.client_email = "a@b",
          .private_key_id = "k",
          .private_key = base::Secret(pem),
          .token_uri = "https://t/token"};
}

struct Jwt {
  json header;
  json claims;
  std::string signed_part;
  std::string signature;
};

Jwt split(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  REQUIRE(second != std::string::npos);
  return {.header = json::parse(wire::base64url_decode(token.substr(0, first)).value()),
          .claims = json::parse(
              wire::base64url_decode(token.substr(first + 1, second - first - 1)).value()),
          .signed_part = token.substr(0, second),
          .signature = wire::base64url_decode(token.substr(second + 1)).value()};
}

bool verifies(const Jwt& jwt) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  const auto* signature = reinterpret_cast<const unsigned char*>(jwt.signature.data());
  const auto* data = reinterpret_cast<const unsigned char*>(jwt.signed_part.data());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, rsa_key()) == 1 &&
         EVP_DigestVerify(context.get(), signature, jwt.signature.size(), data,
                          jwt.signed_part.size()) == 1;
}

}  // namespace

TEST_CASE("service account: the key is read as Google gives it") {
  const auto account = read(service_account_json().dump());
  REQUIRE(account);
  CHECK(account->client_email == "prober@p.iam.gserviceaccount.com");
  CHECK(account->private_key_id == "0123abcd");
  CHECK(account->private_key.reveal() == pem_of(rsa_key()));
  CHECK(account->token_uri == "https://oauth2.googleapis.com/token");
}

TEST_CASE("service account: a file that is none says what is wrong and shows nothing of it") {
  CHECK(problem_of("") == "is not a JSON object");
  CHECK(problem_of("[]") == "is not a JSON object");
  CHECK(problem_of("-----BEGIN PRIVATE KEY-----") == "is not a JSON object");
  CHECK(problem_of("{}") == "is of another type than service_account");
  CHECK(problem_of(R"({"type":"authorized_user"})") == "is of another type than service_account");
  for (const auto* name : {"client_email", "private_key_id", "private_key", "token_uri"}) {
    for (const json& value : {json(), json(3), json("")}) {
      json object = service_account_json();
      object[name] = value;
      CHECK(problem_of(object.dump()) == "has no text " + std::string(name));
      object.erase(name);
      CHECK(problem_of(object.dump()) == "has no text " + std::string(name));
    }
  }
}

TEST_CASE("service account: the assertion goes nowhere in clear text but to this machine") {
  json object = service_account_json();
  for (const auto* uri : {"http://oauth2.googleapis.com/token", "ftp://a/b", "token", "https://",
                          "file:///etc/passwd", "https://user@host/"}) {
    CAPTURE(uri);
    object["token_uri"] = uri;
    CHECK(problem_of(object.dump()).starts_with("has a token_uri that is not to be trusted: "));
  }
  object["token_uri"] = "http://127.0.0.1:8080/token";
  CHECK(read(object.dump()));
}

TEST_CASE("service account: a file that cannot be read says why") {
  const auto missing = read_service_account("/nonexistent/key.json");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message ==
        "the service account file \"/nonexistent/key.json\" cannot be read: No such file or "
        "directory");
  const auto large = read(std::string(70'000, ' '));
  REQUIRE_FALSE(large);
  CHECK(large.error().message.find("larger than 65536 bytes") != std::string::npos);
}

TEST_CASE("service account: the assertion says who asks for what and is signed with the key") {
  const auto account = read(service_account_json().dump());
  REQUIRE(account);
  const auto assertion =
      make_assertion(*account, base::WallTime(std::chrono::milliseconds(1'700'000'000'999)));
  REQUIRE(assertion);
  const Jwt jwt = split(assertion->reveal());
  CHECK(jwt.header == json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "0123abcd"}});
  CHECK(jwt.claims == json{{"iss", "prober@p.iam.gserviceaccount.com"},
                           {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                           {"aud", "https://oauth2.googleapis.com/token"},
                           {"iat", 1'700'000'000},
                           {"exp", 1'700'003'600}});
  CHECK(jwt.signature.size() == 256);
  CHECK(verifies(jwt));
  Jwt other = jwt;
  other.signed_part.back() = 'x';
  CHECK_FALSE(verifies(other));
  ERR_clear_error();
}

TEST_CASE("service account: a key that is no RSA key without a password is refused") {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> edwards(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const std::string good = pem_of(rsa_key());
  for (const std::string& pem : {std::string(), std::string("key"), good.substr(0, 200),
                                 pem_of(rsa_key(), "password"), pem_of(edwards.get())}) {
    const auto assertion = make_assertion(account_with_key(pem), base::WallTime{});
    REQUIRE_FALSE(assertion);
    CHECK(assertion.error().message.starts_with(
        "the private key of the service account \"a@b\" is not an RSA key in PEM"));
    CHECK(ERR_peek_error() == 0);
  }
}

}  // namespace inferometer::probe::auth
