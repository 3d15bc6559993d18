#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "scrape/figures.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::scrape {

class ScrapeStates;

/// What one scrape of a provider's own metrics came to.
struct Scrape {
  std::string provider;
  config::ServerKind kind = config::ServerKind::vllm;
  std::optional<ServerFigures> figures;  ///< none if it failed
  std::string error;                     ///< why it failed, one line; empty if it did not
  base::Duration duration{};             ///< connection set-up included
  base::WallTime scraped_at{};           ///< when it began
};

/// Fetches providers' own metrics and reads them. Thread-safe. Give it a transport of its own:
/// pages are read on that transport's thread, and must not delay the stamps of probes.
///
/// No credential of the provider is ever sent, nor any of its headers: the URL of the metrics may
/// be another host's. What server_metrics itself names is sent. The provider's TLS settings (with
/// the client certificate; unless server_metrics has its own), proxy and proxy password are used.
/// Redirects are not followed, so that nothing is sent anywhere else. Errors show no secret.
class Scraper {
 public:
  /// Called once for each scrape that ended, on the transport's thread, or on the caller's if the
  /// scrape cannot even begin; must not block. Not called, only destroyed, for a scrape that our
  /// shutdown cut or whose provider is not kept any more.
  using Completion = std::function<void(Scrape)>;

  /// Both must outlive the scraper, and the transport must be stopped before the clock goes.
  Scraper(transport::Transport& transport, const base::Clock& clock);
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;
  ~Scraper();

  /// Begins a scrape that takes at most the provider's scrape interval, and never over 10 s. False
  /// if the last one of that provider is still under way: then nothing begins.
  /// REQUIRES: the provider has server_metrics.
  bool start(const config::Provider& provider, Completion completion);

  /// Forgets what it knows of all other providers: after a reload.
  void keep(const std::vector<config::Provider>& providers);

 private:
  transport::Transport& m_transport;
  const base::Clock& m_clock;
  const std::shared_ptr<ScrapeStates> m_states;  // shared with what is under way
};

}  // namespace inferometer::scrape
