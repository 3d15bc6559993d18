#include "http/access/credentials.hpp"

#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::http {
namespace {

using base::Secret;

// Of "secret" with the least cost, as htpasswd and others make them.
const Secret k_hash_2y("$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW");

std::string basic(const std::string& text) {
  return "Basic " + wire::base64_encode(text);
}

}  // namespace

TEST_CASE("credentials are read as RFC 7617 writes them") {
  const auto credentials = read_credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  REQUIRE(credentials);
  CHECK(credentials->user == "Aladdin");
  CHECK(credentials->password.reveal() == "open sesame");
  CHECK(read_credentials("bAsIc  " + wire::base64_encode("u:p:q"))->password.reveal() == "p:q");
  CHECK(read_credentials(basic(":"))->user.empty());
}

TEST_CASE("what is no credentials is none") {
  for (const std::string& text :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic ?"),
        std::string("Bearer QTpC"), basic("no colon"), basic("a:b") + ", " + basic("a:b"),
        std::string("BasicQTpC")}) {
    CAPTURE(text);
    CHECK(!read_credentials(text));
  }
}

TEST_CASE("a hash of nothing matches nothing and keeps the cost") {
  const Secret hash = hash_of_nothing(k_hash_2y);
  CHECK(hash.reveal().starts_with("$2y$04$"));
  CHECK(hash.reveal().size() == k_hash_2y.reveal().size());
  for (const char* password : {"", "secret", "........"}) {
    CHECK(!matches_hash(Secret(password), hash));
  }
}

TEST_CASE("a password with a NUL or of any length is compared and not cut") {
  // libxcrypt ends at the NUL and at 512 bytes.
  CHECK(!matches_hash(Secret(std::string("secret\0more", 11)), k_hash_2y));
  CHECK(!matches_hash(Secret(std::string(16384, 'x')), k_hash_2y));
  CHECK(!matches_hash(Secret(""), k_hash_2y));
}

TEST_CASE("the right password matches a hash in each of bcrypt's spellings") {
  for (const char* prefix : {"$2a$", "$2b$", "$2y$"}) {
    CAPTURE(prefix);
    const Secret hash(prefix + k_hash_2y.reveal().substr(4));
    CHECK(matches_hash(Secret("secret"), hash));
    CHECK(!matches_hash(Secret("Secret"), hash));
    CHECK(!matches_hash(Secret("secret "), hash));
  }
}

}  // namespace inferometer::http
