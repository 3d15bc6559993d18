#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace inferometer::wire;
using namespace std::string_literals;

TEST_CASE("base64: the test vectors of RFC 4648 go both ways") {
  struct Vector {
    std::string bytes;
    std::string text;
  };
  const std::vector<Vector> vectors{
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\0\xff"s, "AP8="},
  };
  for (const Vector& vector : vectors) {
    CAPTURE(vector.text);
    CHECK(base64_encode(vector.bytes) == vector.text);
    CHECK(base64_decode(vector.text) == vector.bytes);
  }
}

TEST_CASE("base64: the alphabet for URLs has no padding and other signs") {
  CHECK(base64_encode("\xfb\xff\xfe") == "+//+");
  CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_decode("Zg") == "f");
  CHECK(base64url_decode("-__-") == "\xfb\xff\xfe");
  CHECK_FALSE(base64url_decode("Zg=="));
  CHECK_FALSE(base64url_decode("+//+"));
  CHECK_FALSE(base64_decode("-__-"));
}

TEST_CASE("base64: every byte survives") {
  std::string bytes;
  for (int i = 0; i < 512; ++i) {
    bytes.push_back(static_cast<char>(i * 7));
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
  }
}

TEST_CASE("base64: what is no complete encoding is refused") {
  for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v=", "Zg==Zg==",
                           "Zm 9", "Zm9\n", "Zm9v\n", "Zh==", "Zm9=", "Zm9\x80"}) {
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text));
  }
  CHECK_FALSE(base64_decode("Zm9\0"s));
  CHECK_FALSE(base64url_decode("Z"));
  CHECK_FALSE(base64url_decode("Zh"));
}
