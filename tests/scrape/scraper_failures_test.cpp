#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "scrape/exposition_reader.hpp"
#include "scrape/pages.hpp"
#include "scrape/scraper_driver.hpp"
#include "transport/recording.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace inferometer;
using namespace inferometer::fakes::script;
using namespace inferometer::scrape;
using namespace std::chrono_literals;
using fakes::Script;
using fakes::ScriptedServer;
using inferometer::transport::Ending;
using inferometer::transport::Flow;
using inferometer::transport::response;

namespace {

/// One scrape over a real connection.
Scrape run_scrape(const config::Provider& provider) {
  const auto transport = inferometer::transport::make_transport({});
  Scraper scraper(*transport, base::system_clock());
  auto promise = std::make_shared<std::promise<Scrape>>();
  auto future = promise->get_future();
  REQUIRE(
      scraper.start(provider, [promise](Scrape result) { promise->set_value(std::move(result)); }));
  REQUIRE(future.wait_for(inferometer::transport::k_patience) == std::future_status::ready);
  return future.get();
}

Scrape run_script(Script script) {
  const ScriptedServer server(std::move(script));
  return run_scrape(make_provider(server.url("/metrics")));
}

/// What a driver makes of an answer with that status.
std::string error_of_status(config::ServerKind kind, int status) {
  ScraperDriver driver;
  config::Provider provider = make_provider();
  provider.server_metrics->kind = kind;
  REQUIRE(driver.start(provider));
  driver.answer("vllm:num_requests_running 1\n", status);
  CHECK_FALSE(driver.result().figures);
  CHECK(driver.result().duration == 250ms);
  return driver.result().error;
}

}  // namespace

TEST_CASE("scraper: any status but 200 is a failure and says what may be done") {
  using config::ServerKind;
  CHECK(error_of_status(ServerKind::vllm, 500) == "HTTP 500");
  CHECK(error_of_status(ServerKind::vllm, 204) == "HTTP 204");
  CHECK(error_of_status(ServerKind::vllm, 501) == "HTTP 501");
  CHECK(error_of_status(ServerKind::llamacpp, 501).find("--metrics") != std::string::npos);
  CHECK(error_of_status(ServerKind::sglang, 404).find("--enable-metrics") != std::string::npos);
  CHECK(error_of_status(ServerKind::trtllm, 404).find("/prometheus/metrics") != std::string::npos);
  CHECK(error_of_status(ServerKind::tgi, 401).find("unless server_metrics.auth names one") !=
        std::string::npos);
  CHECK(error_of_status(ServerKind::tgi, 307).find("redirects are not followed") !=
        std::string::npos);
}

TEST_CASE("scraper: a page without end is cut off") {
  ScraperDriver driver;
  REQUIRE(driver.start(make_provider()));
  driver.listener().on_started(ScraperDriver::k_start);
  inferometer::transport::ResponseHead head;
  head.status = 200;
  REQUIRE(driver.listener().on_head(std::move(head), {.at = ScraperDriver::k_start}) ==
          Flow::go_on);
  const std::string piece(k_max_page_bytes / 8, '\n');
  for (int i = 0; i < 8; ++i) {
    CHECK(driver.listener().on_body(piece, {.at = ScraperDriver::k_start}) == Flow::go_on);
  }
  CHECK(driver.listener().on_body("\n", {.at = ScraperDriver::k_start}) == Flow::stop);
  driver.end(Ending::stopped);
  CHECK(driver.result().error.find("bytes") != std::string::npos);
}

TEST_CASE("scraper: whatever breaks on the network is a failure with its reason") {
  for (const Ending ending : {Ending::dns_error, Ending::connect_error, Ending::tls_error,
                              Ending::lost, Ending::protocol_error, Ending::internal_error}) {
    ScraperDriver driver;
    REQUIRE(driver.start(make_provider()));
    driver.listener().on_started(ScraperDriver::k_start);
    driver.end(ending, "as curl says");
    CHECK_FALSE(driver.result().figures);
    CHECK(driver.result().error.ends_with(": as curl says"));
    CHECK(driver.start(make_provider()));  // the next one may begin
  }
}

TEST_CASE("scraper: a failure keeps what the next page goes on from") {
  ScraperDriver driver;
  const auto tokens = [](int first, int second) {
    return "vllm:generation_tokens_total{engine=\"0\"} " + std::to_string(first) +
           "\nvllm:generation_tokens_total{engine=\"1\"} " + std::to_string(second) + "\n";
  };
  for (const std::string& page : {tokens(5, 1), std::string("<html>\n"), tokens(1, 2)}) {
    REQUIRE(driver.start(make_provider()));
    driver.answer(page);
  }
  REQUIRE(driver.results.size() == 3);
  CHECK_FALSE(driver.results[1].figures);
  CHECK(driver.results[1].error.find("line 1 of the metrics is broken") == 0);
  REQUIRE(driver.results[2].figures);
  CHECK(driver.results[2].figures->generation_tokens == 8);
}

TEST_CASE("scraper: a refused credential and one that is echoed show in no error") {
  setenv("INFEROMETER_TEST_SCRAPE", "scrape-secret", 1);
  config::Provider provider = make_provider();
  provider.server_metrics->auth =
      config::BearerAuth{{config::SecretRef::Kind::environment, "INFEROMETER_TEST_SCRAPE"}};
  ScraperDriver driver;
  REQUIRE(driver.start(provider));
  driver.answer("", 403);
  REQUIRE(driver.start(provider));
  driver.answer(
      "you sent Bearer scrape-secret, which is no credential of ours at all, see below\n");
  REQUIRE(driver.start(provider));
  driver.answer(
      "you sent this very long line and right at its cut there is Bearer scrape-secret\n");
  REQUIRE(driver.start(provider));
  driver.listener().on_started(ScraperDriver::k_start);
  driver.end(Ending::protocol_error, "a strange line: scrape-secret");
  REQUIRE(driver.results.size() == 4);
  CHECK(driver.results[0].error == "HTTP 403: the credential of server_metrics.auth was refused");
  for (const Scrape& scrape : driver.results) {
    CHECK(scrape.error.find("scrape-") == std::string::npos);
  }
}

TEST_CASE("scraper: a credential that cannot be read is a failure at once") {
  ScraperDriver driver;
  config::Provider provider = make_provider();
  provider.server_metrics->auth = config::HeaderAuth{
      .name = "X-Api-Key",
      .value = {config::SecretRef::Kind::environment, "INFEROMETER_TEST_NOT_SET"}};
  CHECK(driver.start(provider));
  CHECK(driver.transport.exchanges.empty());
  CHECK(driver.result().error.find("INFEROMETER_TEST_NOT_SET") != std::string::npos);
  CHECK(driver.start(make_provider()));
}

TEST_CASE("scraper: a redirect takes no credential anywhere") {
  setenv("INFEROMETER_TEST_SCRAPE", "scrape-secret", 1);
  ScriptedServer elsewhere(Script{ReadRequest{}, AwaitClose{}});
  ScriptedServer server(Script{ReadRequest{},
                               Send{"HTTP/1.1 307 Temporary Redirect\r\nLocation: " +
                                    elsewhere.url("/metrics") + "\r\nContent-Length: 0\r\n\r\n"},
                               AwaitClose{}});
  config::Provider provider = make_provider(server.url("/metrics/?a=%2F"));
  provider.server_metrics->auth =
      config::BearerAuth{{config::SecretRef::Kind::environment, "INFEROMETER_TEST_SCRAPE"}};
  const Scrape result = run_scrape(provider);
  CHECK(result.error.find("redirects are not followed") != std::string::npos);
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests().front().starts_with("GET /metrics/?a=%2F HTTP/1.1\r\n"));
  CHECK(server.requests().front().find("\r\nAuthorization: Bearer scrape-secret\r\n") !=
        std::string::npos);
  CHECK(elsewhere.accepted() == 0);
}

TEST_CASE("scraper: a proxy password that cannot be read is a failure at once") {
  ScraperDriver driver;
  config::Provider provider = make_provider();
  provider.proxy.password =
      config::SecretRef{config::SecretRef::Kind::environment, "INFEROMETER_TEST_NOT_SET"};
  CHECK(driver.start(provider));
  CHECK(driver.transport.exchanges.empty());
  CHECK_FALSE(driver.result().figures);
  CHECK(driver.result().error.find("INFEROMETER_TEST_NOT_SET") != std::string::npos);
  CHECK(driver.start(make_provider()));
}

TEST_CASE("scraper: a page over a real connection") {
  ScriptedServer server(
      Script{ReadRequest{}, Send{response(page_text("vllm.prom"))}, AwaitClose{}});
  const Scrape result = run_scrape(make_provider(server.url("/metrics")));
  REQUIRE_MESSAGE(result.figures, result.error);
  CHECK(result.figures->requests_running == 12);
  CHECK(result.duration > 0s);
  REQUIRE(server.requests().size() == 1);
  const std::string request = server.requests().front();
  CHECK(request.starts_with("GET /metrics HTTP/1.1\r\n"));
  CHECK(request.find("\r\nAccept: text/plain;version=0.0.4\r\n") != std::string::npos);
  CHECK(request.find("Authorization") == std::string::npos);
  CHECK(request.find("Content-Length") == std::string::npos);
}

TEST_CASE("scraper: a connection that breaks in the middle of a page gives no figures") {
  const std::string page = response("vllm:num_requests_running 1\n");
  const Scrape result = run_script({ReadRequest{}, Send{page.substr(0, page.size() - 3)}, Reset{}});
  CHECK_FALSE(result.figures);
  CHECK(result.error.find("the connection was lost") == 0);
}

TEST_CASE("scraper: a server that is not there or says nothing is a failure") {
  const fakes::ReservedPort port;
  const Scrape refused =
      run_scrape(make_provider("http://127.0.0.1:" + std::to_string(port.number()) + "/metrics"));
  CHECK_FALSE(refused.figures);
  CHECK(refused.error.find("no connection") == 0);

  const ScriptedServer server(Script{ReadRequest{}, AwaitClose{}});
  config::Provider provider = make_provider(server.url("/metrics"));
  provider.server_metrics->interval = 50ms;
  const Scrape silent = run_scrape(provider);
  CHECK_FALSE(silent.figures);
  CHECK(silent.error == "no whole answer within 0.05 s");
}
