#include "scrape/scraper.hpp"

#include "scrape/pages.hpp"
#include "scrape/scraper_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace inferometer;
using namespace inferometer::scrape;
using namespace std::chrono_literals;
using inferometer::transport::Ending;

TEST_CASE("scraper: a page becomes figures with the time that it took") {
  ScraperDriver driver;
  REQUIRE(driver.start(make_provider()));
  driver.answer(page_text("vllm.prom"));
  const Scrape scrape = driver.result();
  CHECK(scrape.provider == "p");
  CHECK(scrape.kind == config::ServerKind::vllm);
  CHECK(scrape.error.empty());
  CHECK(scrape.duration == 250ms);
  CHECK(scrape.scraped_at == driver.clock.wall_now());
  REQUIRE(scrape.figures);
  CHECK(scrape.figures->requests_running == 12);
  CHECK(scrape.figures->ttft == SumAndCount{51, 200});
}

TEST_CASE("scraper: each page gives the sums and counts that it shows") {
  ScraperDriver driver;
  const std::string first = page_text("tgi.prom");
  std::string second = with(first, "queue_duration_sum 3.25", "queue_duration_sum 4.25");
  second = with(second, "queue_duration_count 147", "queue_duration_count 151");
  config::Provider provider = make_provider();
  provider.server_metrics->kind = config::ServerKind::tgi;
  for (const std::string& page : {first, second}) {
    REQUIRE(driver.start(provider));
    driver.answer(page);
  }
  REQUIRE(driver.results.size() == 2);
  REQUIRE(driver.results[1].figures);
  CHECK(driver.results[0].figures->queue_time == SumAndCount{3.25, 147});
  CHECK(driver.results[1].figures->queue_time == SumAndCount{4.25, 151});
}

TEST_CASE("scraper: the request asks for the text format with the settings of the provider") {
  ScraperDriver driver;
  config::Provider provider = make_provider("https://other.example/metrics");
  provider.tls.ca_file = "/ca.pem";
  provider.http_version = config::HttpVersion::http_1_1;
  provider.proxy.url = "http://proxy:3128";
  setenv("INFEROMETER_TEST_PROXY_PASSWORD", "proxy-secret", 1);
  provider.proxy.password =
      config::SecretRef{config::SecretRef::Kind::environment, "INFEROMETER_TEST_PROXY_PASSWORD"};
  REQUIRE(driver.start(provider));
  const inferometer::transport::Request& request = driver.transport.exchanges.at(0).request;
  CHECK(request.method == inferometer::transport::Method::get);
  CHECK(request.url == "https://other.example/metrics");
  CHECK(request.headers ==
        std::vector<std::pair<std::string, std::string>>{{"Accept", "text/plain;version=0.0.4"}});
  CHECK(request.tls == provider.tls);
  CHECK(request.http_version == config::HttpVersion::http_1_1);
  CHECK(request.proxy == provider.proxy);
  CHECK(request.proxy_password.reveal() == "proxy-secret");
}

TEST_CASE("scraper: no credential and no header of the provider is sent even to its own host") {
  setenv("INFEROMETER_TEST_KEY", "sk-secret", 1);
  const config::SecretRef key{config::SecretRef::Kind::environment, "INFEROMETER_TEST_KEY"};
  for (const config::Auth& auth :
       {config::Auth(config::BearerAuth{key}), config::Auth(config::ApiKeyAuth{key})}) {
    ScraperDriver driver;
    config::Provider provider = make_provider();
    provider.auth = auth;
    provider.headers = {{"X-Tenant", "t"}};
    provider.query = {{"api-version", "1"}};
    REQUIRE(driver.start(provider));
    const inferometer::transport::Request& request = driver.transport.exchanges.at(0).request;
    CHECK(request.secret_headers.empty());
    CHECK(request.headers.size() == 1);
    CHECK(request.url == provider.server_metrics->url);
    CHECK(request.body.empty());
  }
}

TEST_CASE("scraper: the credential and headers of server_metrics are sent and no others") {
  setenv("INFEROMETER_TEST_KEY", "sk-secret", 1);
  setenv("INFEROMETER_TEST_SCRAPE", "scrape-secret", 1);
  const auto variable = [](const char* name) {
    return config::SecretRef{config::SecretRef::Kind::environment, name};
  };
  config::Provider provider = make_provider();
  provider.auth = config::BearerAuth{variable("INFEROMETER_TEST_KEY")};
  provider.headers = {{"X-Tenant", "t"}};
  provider.tls.ca_file = "/provider.pem";
  config::ServerMetrics& server = *provider.server_metrics;
  server.headers = {{"X-Scope", "s"}};
  server.tls = config::Tls{.ca_file = "/metrics.pem"};
  const auto sent = [&](const config::ServerMetricsAuth& auth) {
    server.auth = auth;
    ScraperDriver driver;
    REQUIRE(driver.start(provider));
    return std::move(driver.transport.exchanges.at(0).request);
  };
  const auto bearer = sent(config::BearerAuth{variable("INFEROMETER_TEST_SCRAPE")});
  REQUIRE(bearer.secret_headers.size() == 1);
  CHECK(bearer.secret_headers[0].first == "Authorization");
  CHECK(bearer.secret_headers[0].second.reveal() == "Bearer scrape-secret");
  CHECK(bearer.headers == std::vector<std::pair<std::string, std::string>>{
                              {"Accept", "text/plain;version=0.0.4"}, {"X-Scope", "s"}});
  CHECK(bearer.tls.ca_file == "/metrics.pem");
  const auto header =
      sent(config::HeaderAuth{.name = "X-Api-Key", .value = variable("INFEROMETER_TEST_SCRAPE")});
  REQUIRE(header.secret_headers.size() == 1);
  CHECK(header.secret_headers[0].first == "X-Api-Key");
  CHECK(header.secret_headers[0].second.reveal() == "scrape-secret");
}

TEST_CASE("scraper: the URL is asked for as it was written") {
  for (const char* url : {"http://a:8000/metrics/", "http://a:80/metrics?format=prometheus&x=%2F",
                          "http://a/m%65trics//", "http://a:8000?x"}) {
    ScraperDriver driver;
    REQUIRE(driver.start(make_provider(url)));
    CHECK(driver.transport.exchanges.at(0).request.url == url);
  }
}

TEST_CASE("scraper: a scrape has the interval and never more than ten seconds") {
  for (const auto& [interval, limit] : {std::pair(5s, 5s), std::pair(15s, 10s)}) {
    ScraperDriver driver;
    config::Provider provider = make_provider();
    provider.server_metrics->interval = interval;
    REQUIRE(driver.start(provider));
    CHECK(driver.listener().deadline() == base::MonotonicTime::max());  // it has not begun
    driver.listener().on_started(ScraperDriver::k_start);
    CHECK(driver.listener().deadline() == ScraperDriver::k_start + limit);
    driver.listener().on_deadline(ScraperDriver::k_start + limit);
    driver.end(Ending::stopped);
    CHECK_FALSE(driver.result().figures);
    CHECK(driver.result().error ==
          "no whole answer within " + std::to_string(limit.count()) + " s");
  }
}

TEST_CASE("scraper: a scrape that is due while the last one runs is skipped") {
  ScraperDriver driver;
  REQUIRE(driver.start(make_provider()));
  CHECK_FALSE(driver.start(make_provider()));
  CHECK(driver.transport.open() == 1);
  config::Provider other = make_provider();
  other.name = "q";
  CHECK(driver.start(other));
  driver.answer("vllm:num_requests_running 1\n");
  CHECK(driver.start(make_provider()));
  CHECK(driver.results.size() == 1);
}

TEST_CASE("scraper: an answer that came for a provider that is gone is dropped") {
  ScraperDriver driver;
  REQUIRE(driver.start(make_provider()));
  driver.scraper.keep({});
  driver.answer("vllm:num_requests_running 1\n");
  CHECK(driver.results.empty());
  REQUIRE(driver.start(make_provider()));
  driver.scraper.keep({make_provider()});
  driver.answer("vllm:num_requests_running 1\n");
  CHECK(driver.results.size() == 1);
}

TEST_CASE("scraper: what runs may outlive the scraper and what is cut tells nothing") {
  HeldTransport transport;
  const fakes::FakeClock clock;
  bool called = false;
  auto token = std::make_shared<int>(0);
  {
    Scraper scraper(transport, clock);
    REQUIRE(scraper.start(make_provider(), [&called, token](const Scrape&) { called = true; }));
  }
  inferometer::transport::Report report;
  report.ending = Ending::cancelled;
  transport.exchanges.at(0).listener->on_end(report);
  transport.exchanges.clear();
  CHECK_FALSE(called);
  CHECK(token.use_count() == 1);
}
