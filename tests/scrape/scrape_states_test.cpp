#include "scrape/scrape_states.hpp"

#include "scrape/pages.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;
using inferometer::config::ServerMetrics;

namespace {

const ServerMetrics k_server{.kind = ServerKind::vllm, .url = "http://a/metrics"};

/// Two engines, of which only the second never begins anew.
ServerPage tokens(int first, int second) {
  return read_text(ServerKind::vllm,
                   fmt::format("vllm:generation_tokens_total{{engine=\"0\"}} {}\n"
                               "vllm:generation_tokens_total{{engine=\"1\"}} {}\n",
                               first, second));
}

/// A whole scrape; the counter that came out.
Figure scrape(ScrapeStates& states, ServerPage page, const ServerMetrics& server = k_server) {
  const auto number = states.begin("p", server);
  REQUIRE(number);
  REQUIRE(states.end("p", *number, &page));
  return figures_of(server.kind, page.samples).generation_tokens;
}

}  // namespace

TEST_CASE("states: a page goes on from the last one that could be read") {
  ScrapeStates states;
  CHECK(scrape(states, tokens(4, 2)) == 6);
  const auto failed = states.begin("p", k_server);
  REQUIRE(failed);
  CHECK(states.end("p", *failed, nullptr));
  CHECK(scrape(states, tokens(1, 3)) == 8);
}

TEST_CASE("states: one scrape at a time for each provider") {
  ScrapeStates states;
  const auto first = states.begin("p", k_server);
  REQUIRE(first);
  CHECK_FALSE(states.begin("p", k_server));
  CHECK(states.begin("q", k_server));
  CHECK(states.end("p", *first, nullptr));
  CHECK(states.begin("p", k_server));
}

TEST_CASE("states: another interval is no other server and another address or kind is") {
  ScrapeStates states;
  CHECK(scrape(states, tokens(4, 2)) == 6);
  ServerMetrics server = k_server;
  server.interval = std::chrono::seconds(1);
  server.headers = {{"X-Scope", "a"}};
  CHECK(scrape(states, tokens(1, 3), server) == 8);
  server.url = "http://b/metrics";
  CHECK(scrape(states, tokens(1, 3), server) == 4);
  server.kind = ServerKind::tgi;
  CHECK_FALSE(scrape(states, read_text(ServerKind::tgi, ""), server));
}

TEST_CASE("states: a scrape of a server that was replaced meanwhile is of no use") {
  ScrapeStates states;
  const auto old = states.begin("p", k_server);
  REQUIRE(old);
  const ServerMetrics server{.kind = ServerKind::vllm, .url = "http://b/metrics"};
  const auto now = states.begin("p", server);
  REQUIRE(now);
  ServerPage page = tokens(4, 2);
  CHECK_FALSE(states.end("p", *old, &page));
  CHECK_FALSE(states.begin("p", server));  // the new one is still under way
  page = tokens(1, 3);
  CHECK(states.end("p", *now, &page));
  CHECK(figures_of(ServerKind::vllm, page.samples).generation_tokens == 4);
}

TEST_CASE("states: a provider that is not kept is forgotten with what is under way") {
  ScrapeStates states;
  CHECK(scrape(states, tokens(4, 2)) == 6);
  states.keep({"p", "q"});
  CHECK(scrape(states, tokens(1, 3)) == 8);
  const auto number = states.begin("p", k_server);
  REQUIRE(number);
  states.keep({"q"});
  ServerPage page = tokens(1, 4);
  CHECK_FALSE(states.end("p", *number, &page));
  CHECK(scrape(states, tokens(0, 5)) == 5);
}
