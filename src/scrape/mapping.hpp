#pragma once

#include "config/config.hpp"
#include "scrape/exposition_reader.hpp"
#include "scrape/figures.hpp"

#include <span>
#include <string_view>

/// Which of a server's metrics is which of our figures: one table for each kind of server. Source:
/// wire-protocols §9, and the servers' own code where a comment says so.
namespace inferometer::scrape {

/// How the series of one name become one figure.
enum class Combine {
  sum,           ///< each series counts what no other does
  engines,       ///< the largest of the series of one engine, summed over the engines
  fullest,       ///< the largest: requests wait at the fullest engine, and a mean would hide it
  mean,          ///< of ratios that come without what they are ratios of
  cache_config,  ///< tokens, from labels that describe the cache of one engine
};

/// One sample's name for a figure. Rows of the same figure are in order of preference: the first
/// that the page has gives it.
struct FigureRow {
  Figure ServerFigures::*figure;
  Combine combine;
  std::string_view name;
  std::string_view plus{};  ///< the page must have it too, and the figure is the sum of both
};

/// A mean is what `sum` grew by over what `count` grew by. The order of rows as above.
struct MeanRow {
  Figure ServerFigures::*figure;
  std::string_view sum;
  std::string_view count;
};

struct Mapping {
  std::string_view server;  ///< for messages
  std::string_view prefix;  ///< of all the server's own names, without the colon behind it
  std::span<const FigureRow> figures;
  std::span<const MeanRow> means;
};

[[nodiscard]] const Mapping& mapping_of(config::ServerKind kind);

/// Whether the page's name is the table's. A colon in the table may be an underscore on the page:
/// collectors that cannot take a colon write it so.
[[nodiscard]] bool same_name(std::string_view on_page, std::string_view in_table);

/// Whether a row needs the samples of that name.
[[nodiscard]] bool wants(const Mapping& mapping, std::string_view name);

/// The samples of that name as one value; none if there are none, or they are no finite numbers ≥
/// 0.
[[nodiscard]] Figure combine(std::span<const Sample> samples, std::string_view name, Combine how);

}  // namespace inferometer::scrape
