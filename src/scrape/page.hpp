#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "scrape/figures.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace inferometer::scrape {

/// A sum and a count that only grow, as those of a histogram.
struct Totals {
  double sum = 0;
  double count = 0;
};

/// What one page says, and what the next one is to be compared with.
struct Reading {
  ServerFigures figures;                     ///< the means only after add_means
  std::vector<std::optional<Totals>> means;  ///< one for each of the mapping's rows
  std::optional<double> process_start;       ///< Unix time in seconds
};

/// Reads a page of that kind of server. Refused are broken pages and those of something else; an
/// empty page is one of a server that has seen no request yet.
[[nodiscard]] base::Result<Reading> read_page(config::ServerKind kind, std::string_view text);

/// Fills in the means over what came between `before` and `now`, two pages of one server. None are
/// where a total went down or the process' start moved, as the server was started anew, and where
/// nothing was counted.
void add_means(config::ServerKind kind, const Reading& before, Reading& now);

}  // namespace inferometer::scrape
