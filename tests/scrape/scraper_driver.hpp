#pragma once

#include "fakes/fake_clock.hpp"
#include "scrape/scraper.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::scrape {

/// Keeps the exchanges, for a test to play the network's part.
class HeldTransport final : public transport::Transport {
 public:
  struct Exchange {
    transport::Request request;
    std::unique_ptr<transport::Listener> listener;
  };

  ExchangeId start(transport::Request request,
                   std::unique_ptr<transport::Listener> listener) override {
    exchanges.push_back({std::move(request), std::move(listener)});
    return exchanges.size();
  }
  void cancel(ExchangeId /*exchange*/) override {}
  [[nodiscard]] std::size_t open() const override { return exchanges.size(); }
  [[nodiscard]] base::MonotonicTime last_turn() const override { return {}; }
  void stop() override {}

  std::vector<Exchange> exchanges;
};

inline config::Provider make_provider(std::string url = "http://vllm.svc:8000/metrics") {
  config::Provider provider;
  provider.name = "p";
  provider.base_url = "http://vllm.svc:8000/v1";
  provider.server_metrics = {.kind = config::ServerKind::vllm, .url = std::move(url)};
  return provider;
}

/// A scraper without a network.
class ScraperDriver {
 public:
  static constexpr base::MonotonicTime k_start{std::chrono::seconds(1000)};

  bool start(const config::Provider& provider) {
    return scraper.start(provider, [this](Scrape scrape) { results.push_back(std::move(scrape)); });
  }

  [[nodiscard]] transport::Listener& listener() {
    REQUIRE_FALSE(transport.exchanges.empty());
    return *transport.exchanges.front().listener;
  }

  /// Ends the oldest exchange, 250 ms after its start.
  void end(transport::Ending ending, std::string message = "") {
    transport::Report report;
    report.ending = ending;
    report.message = std::move(message);
    report.started = k_start;
    report.ended = k_start + std::chrono::milliseconds(250);
    listener().on_end(report);
    transport.exchanges.erase(transport.exchanges.begin());
  }

  /// The oldest exchange brings a whole answer.
  void answer(std::string_view page, int status = 200) {
    listener().on_started(k_start);
    transport::ResponseHead head;
    head.status = status;
    if (listener().on_head(std::move(head), {.at = k_start}) == transport::Flow::stop) {
      end(transport::Ending::stopped);
      return;
    }
    REQUIRE(listener().on_body(page.substr(0, page.size() / 2), {.at = k_start}) ==
            transport::Flow::go_on);
    REQUIRE(listener().on_body(page.substr(page.size() / 2), {.at = k_start}) ==
            transport::Flow::go_on);
    end(transport::Ending::complete);
  }

  /// The only result.
  [[nodiscard]] Scrape result() {
    REQUIRE(results.size() == 1);
    return results.front();
  }

  HeldTransport transport;
  fakes::FakeClock clock;
  Scraper scraper{transport, clock};
  std::vector<Scrape> results;
};

}  // namespace inferometer::scrape
