#include "http/gzip.hpp"

#include "fakes/gunzip.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using inferometer::fakes::gunzip;
using inferometer::http::gzip;

namespace {

/// What no compressor makes smaller.
std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string bytes;
  while (bytes.size() < size) {
    bytes += static_cast<char>(random());
  }
  return bytes;
}

}  // namespace

TEST_CASE("what was gzipped comes back whole") {
  for (const std::string& text : {std::string(), std::string(1, '\0'), std::string("up 1\n"),
                                  std::string(1'000'000, 'x'), noise(1'000'000)}) {
    CAPTURE(text.size());
    const auto unzipped = gunzip(gzip(text));
    CHECK(unzipped.whole);
    CHECK((unzipped.bytes == text));
  }
}

TEST_CASE("repetition becomes small and noise hardly larger") {
  std::string page;
  for (int i = 0; i < 10000; ++i) {
    page += "llm_probe_ttft_seconds_bucket{provider=\"openai\",le=\"0." + std::to_string(i) +
            "\"} 17\n";
  }
  const std::string gzipped = gzip(page);
  CHECK(gzipped.size() < page.size() / 10);
  // It may wait for its reader, so it must not take the memory of the page.
  CHECK(gzipped.capacity() < page.size() / 10);
  CHECK(gzip(noise(100'000)).size() < 101'000);
}
