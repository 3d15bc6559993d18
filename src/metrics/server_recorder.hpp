#pragma once

#include "config/config.hpp"
#include "metrics/snapshot.hpp"
#include "scrape/scraper.hpp"

#include <memory>
#include <vector>

namespace inferometer::metrics {

/// All `llm_server_*` series: what the providers' servers say of themselves. Thread-safe.
class ServerMetricsRecorder {
 public:
  ServerMetricsRecorder();
  ServerMetricsRecorder(const ServerMetricsRecorder&) = delete;
  ServerMetricsRecorder& operator=(const ServerMetricsRecorder&) = delete;
  ~ServerMetricsRecorder();

  /// The providers that may have series from now on: those with server_metrics. The series of all
  /// others vanish at once, and so do those of a provider whose server became another.
  void set_providers(const std::vector<config::Provider>& providers);

  /// Replaces what the provider's last scrape showed. Of a failed one only that, and how long it
  /// took, remains: no figure is ever older than the last scrape.
  void record(const scrape::Scrape& scrape);

  /// The families that are asked for, in the order of the catalogue; one without any sample is left
  /// out.
  [[nodiscard]] Families collect(const Selection& selection = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::metrics
