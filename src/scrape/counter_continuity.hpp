#pragma once

#include "scrape/mapping.hpp"
#include "scrape/page.hpp"

#include <cstdint>
#include <map>
#include <optional>
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

}  // namespace inferometer::scrape
