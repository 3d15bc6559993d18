#include "http/access/verdict_cache.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::http {

TEST_CASE("a good verdict outlives any number of wrong ones") {
  VerdictCache cache;
  cache.set("good", true);
  for (int i = 0; i < 10'000; ++i) {
    cache.set("wrong" + std::to_string(i), false);
  }
  CHECK(cache.find("good") == true);
  CHECK(cache.find("wrong9999") == false);
  CHECK(!cache.find("wrong0"));
}

TEST_CASE("the verdict that was not used for the longest time is forgotten first") {
  VerdictCache cache;
  for (std::size_t i = 0; i < VerdictCache::k_most_of_each; ++i) {
    cache.set(std::to_string(i), true);
  }
  CHECK(cache.find("0") == true);
  cache.set("one more", true);
  CHECK(cache.find("0") == true);
  CHECK(!cache.find("1"));
  CHECK(cache.find("2") == true);
}

}  // namespace inferometer::http
