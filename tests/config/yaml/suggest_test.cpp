#include "config/yaml/suggest.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::config {

TEST_CASE("the nearest word is suggested") {
  CHECK(suggest("intervall", "keys", {"interval", "internal"}) == "did you mean \"interval\"?");
  CHECK(suggest("fersh", "values", {"reuse", "fresh"}) == "did you mean \"fresh\"?");
  CHECK(suggest("tls", "keys", {"tls_", "url"}) == "did you mean \"tls_\"?");
}

TEST_CASE("without a near word all are listed") {
  CHECK(suggest("slos", "keys", {"web", "trust"}) == "known keys: web, trust");
  CHECK(suggest("x", "keys", {"y"}) == "known keys: y");
  CHECK(suggest("", "keys", {"ab"}) == "known keys: ab");
}

TEST_CASE("a long list is cut") {
  const std::vector<std::string_view> twenty(20, "abc");
  CHECK(suggest("xyz", "keys", twenty).ends_with("abc"));
  const std::vector<std::string_view> more(21, "abc");
  CHECK(suggest("xyz", "keys", more).ends_with("abc, …"));
}

TEST_CASE("words that would take too long to compare are not compared") {
  const std::string word(65, 'a');
  const std::string near = word.substr(1);
  CHECK(suggest(word, "keys", {near}) == "known keys: " + near);
  std::vector<std::string_view> many(1000, "abc");
  many.push_back("xyz");
  CHECK(suggest("xyy", "keys", many).starts_with("known keys"));
}

}  // namespace inferometer::config
