#include "sim/http/chunked_body.hpp"

#include "fakes/gunzip.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::sim;
using inferometer::fakes::gunzip;

TEST_CASE("gzip: all that was added can be read before the end has come") {
  Gzip gzip;
  std::string body = gzip.add("first");
  CHECK(gunzip(body).bytes == "first");
  CHECK(!gunzip(body).whole);
  body += gzip.add(" and second");
  CHECK(gunzip(body).bytes == "first and second");
  body += gzip.finish();
  CHECK(gunzip(body).bytes == "first and second");
  CHECK(gunzip(body).whole);
}

TEST_CASE("gzip: a body without bytes and one that does not shrink are whole") {
  Gzip empty;
  CHECK(gunzip(empty.finish()).whole);
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise.push_back(static_cast<char>(state >> 24U));
  }
  Gzip gzip;
  std::string body = gzip.add(noise);
  body += gzip.finish();
  CHECK(gunzip(body).bytes == noise);
}
