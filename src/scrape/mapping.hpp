#pragma once

#include "config/config.hpp"
#include "scrape/figures.hpp"

#include <span>
#include <string_view>

/// Which of a server's metrics is which of our figures: one table for each kind of server. Source:
/// the servers' own code, see docs/metrics.md.
namespace inferometer::scrape {

/// How the series of one name become one figure.
enum class Combine {
  sum,           ///< each series counts what no other does
  engines,       ///< the largest of the series of one engine, summed over the engines
  fullest,       ///< the largest: requests wait at the fullest engine, and a mean would hide it
  mean,          ///< of ratios that come without what they are ratios of
  cache_config,  ///< tokens, from labels that describe the cache of one engine
};

/// The samples of one name, or those of them that have a label with that value. Without a name:
/// none.
struct Source {
  std::string_view name{};
  std::string_view label{};
  std::string_view value{};
};

/// Where a figure comes from. Rows of the same figure are in order of preference: the first that
/// the page has gives it.
struct FigureRow {
  Figure ServerFigures::*figure;
  Combine combine;
  Source source;
  Source plus{};   ///< the page must have it too, and the figure is the sum of both
  Source times{};  ///< likewise, and their product; the largest of its series
};

/// The sum and the count of what was observed; the order of rows as above.
struct SummaryRow {
  Observed ServerFigures::*figure;
  std::string_view sum;
  std::string_view count;
  double unit = 1;  ///< that of the sum, in seconds
};

struct Mapping {
  std::string_view server;  ///< for messages
  std::string_view prefix;  ///< of all the server's own names, without the colon behind it
  std::span<const FigureRow> gauges;
  std::span<const FigureRow> counters;
  std::span<const SummaryRow> summaries;
};

[[nodiscard]] const Mapping& mapping_of(config::ServerKind kind);

/// Whether the page's name is the table's. A colon in the table may be an underscore on the page:
/// collectors that cannot take a colon write it so.
[[nodiscard]] bool same_name(std::string_view on_page, std::string_view in_table);

/// Whether a row needs the samples of that name.
[[nodiscard]] bool needs(const Mapping& mapping, std::string_view name);

/// Whether the samples of that name only grow while the server runs.
[[nodiscard]] bool is_counter(const Mapping& mapping, std::string_view name);

}  // namespace inferometer::scrape
