#pragma once

#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "scrape/mapping.hpp"
#include "scrape/page.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace inferometer::scrape {

/// Keeps the sum of several series from going down when one of them begins anew: a reader of the
/// sum would take that for a restart of all of them, and count what is left once more. Of a page on
/// which all counters began anew, or that another process shows, nothing is changed. Not
/// thread-safe.
class CounterContinuity {
 public:
  /// Adds to each counter of `page` what it had counted before it began anew, and to the page those
  /// that vanished. REQUIRES: the pages of one server, in their order.
  void apply(const Mapping& mapping, ServerPage& page);

 private:
  struct Series {
    Sample sample;      ///< its value is the last on a page
    double before = 0;  ///< what it had counted when it began anew
    std::uint64_t seen_on = 0;
  };

  [[nodiscard]] bool restarted(const Mapping& mapping, const ServerPage& page) const;

  std::map<std::string, Series> m_series;
  std::optional<double> m_process_start;
  std::uint64_t m_page = 0;
};

/// What is kept of each provider from one scrape to the next: whether one is under way, and what
/// its counters had counted. Thread-safe.
class ScrapeStates {
 public:
  /// Marks a scrape as under way and returns its number; none if there is one already. What was
  /// known of another server under this provider's name is forgotten.
  [[nodiscard]] std::optional<std::uint64_t> begin(const std::string& provider,
                                                   const config::ServerMetrics& server)
      EXCLUDES(m_mutex);

  /// The scrape is over, having read that page or nothing; makes the page's counters go on from
  /// those before. False if the provider was forgotten meanwhile: the scrape is of no use then.
  [[nodiscard]] bool end(const std::string& provider, std::uint64_t number, ServerPage* page)
      EXCLUDES(m_mutex);

  /// Forgets all other providers.
  void keep(const std::set<std::string>& providers) EXCLUDES(m_mutex);

 private:
  struct State {
    config::ServerMetrics server;
    std::optional<std::uint64_t> under_way;
    CounterContinuity counters;
  };

  base::Mutex m_mutex;
  std::map<std::string, State> m_states GUARDED_BY(m_mutex);
  std::uint64_t m_begun GUARDED_BY(m_mutex) = 0;
};

}  // namespace inferometer::scrape
