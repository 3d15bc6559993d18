#include "wire/percent_encoding.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::wire;
using namespace std::string_literals;

TEST_CASE("percent encoding: unreserved characters stay and all others are escaped") {
  CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encode("a b+c/d?e&f=g%h:i") == "a%20b%2Bc%2Fd%3Fe%26f%3Dg%25h%3Ai");
  CHECK(percent_encode("\xc3\xa9\x7f\0"s) == "%C3%A9%7F%00");
  CHECK(percent_encode("").empty());
}

TEST_CASE("percent encoding: the slashes of a path stay") {
  CHECK(percent_encode_path("/model/a%3A0/x y") == "/model/a%253A0/x%20y");
}

TEST_CASE("percent encoding: decoding is the reverse") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
  }
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode("a%2fb%2Fc+d") == "a/b/c+d");
  CHECK(percent_decode("") == "");
}

TEST_CASE("percent encoding: a broken escape is refused") {
  for (const auto* text : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 4", "%4:", "%@1"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text));
  }
}
