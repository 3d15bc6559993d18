#include "daemon/probing/logs.hpp"
#include "fakes/captured_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace inferometer::daemon {
namespace {

using base::log::Format;
using base::log::Level;
using fakes::stderr_of;

scrape::Scrape good() {
  scrape::Scrape scrape;
  scrape.provider = "vllm";
  scrape.figures.emplace();
  return scrape;
}

scrape::Scrape bad() {
  scrape::Scrape scrape;
  scrape.provider = "vllm";
  scrape.error = "HTTP 404";
  return scrape;
}

template <typename Write>
std::string lines_of(Write write) {
  return stderr_of(Level::info, Format::logfmt, write);
}

}  // namespace

TEST_CASE("the log tells once that a server's metrics cannot be read and once that they can") {
  ServerLog log;
  CHECK(lines_of([&] { log.record(good()); }).empty());
  const std::string down = lines_of([&] { log.record(bad()); });
  CHECK(down.find("level=warn") != std::string::npos);
  CHECK(down.find("provider=vllm") != std::string::npos);
  CHECK(down.find("HTTP 404") != std::string::npos);
  CHECK(lines_of([&] { log.record(bad()); }).empty());
  CHECK(lines_of([&] { log.record(good()); }).find("level=info") != std::string::npos);
  CHECK(lines_of([&] { log.record(good()); }).empty());
}

TEST_CASE("a server that fails from the start is told of and so is one that came back anew") {
  ServerLog log;
  CHECK_FALSE(lines_of([&] { log.record(bad()); }).empty());
  log.keep({});
  CHECK_FALSE(lines_of([&] { log.record(bad()); }).empty());
}

}  // namespace inferometer::daemon
