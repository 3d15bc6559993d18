#include "wire/redact.hpp"

#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string>

using inferometer::base::Secret;
using inferometer::wire::base64_encode;
using inferometer::wire::base64url_encode;
using inferometer::wire::redact;

TEST_CASE("redact replaces every occurrence of the secret") {
  const Secret key("sk-1234");
  CHECK(redact("bad key sk-1234, given sk-1234", key) == "bad key <secret>, given <secret>");
  CHECK(redact("sk-1234", key) == "<secret>");
  CHECK(redact("nothing here", key) == "nothing here");
  CHECK(redact("", key).empty());
}

TEST_CASE("redact leaves text alone where the secret is empty or too short to be one") {
  CHECK(redact("abc", Secret()) == "abc");
  CHECK(redact("abc", Secret("a")) == "abc");
}

TEST_CASE("redact finds a secret that comes back percent-encoded") {
  const Secret key("a/b+c=d e");
  CHECK(redact("key=a%2Fb%2Bc%3Dd%20e&x", key) == "key=<secret>&x");
  CHECK(redact("key=a%2fb%2bc%3dd%20e&x", key) == "key=<secret>&x");
}

TEST_CASE("redact finds a secret in base64 wherever it stands in what was encoded") {
  const std::string secret = "sk-live-0123456789?>abc";
  const Secret key(secret);
  for (const std::string before : {"", "u", "us", "user:", "Bearer "}) {
    for (const std::string after : {"", "\n", " and more"}) {
      const std::string text = before + secret + after;
      CAPTURE(text);
      for (const std::string& encoded : {base64_encode(text), base64url_encode(text)}) {
        const std::string shown = redact("got " + encoded + " here", key);
        CHECK(shown.find("<secret>") != std::string::npos);
        // At most the characters that share bits with a neighbour are left of it.
        CHECK(shown.size() <=
              4 + 8 + 5 + base64_encode(before).size() + base64_encode(after).size() + 4);
      }
    }
  }
}

TEST_CASE("redact leaves base64 of other text alone") {
  const std::string text = base64_encode("nothing that anybody would hide");
  CHECK(redact(text, Secret("sk-1234567890")) == text);
}
