#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "scrape/exposition_reader.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace inferometer::scrape {

/// The parts of a server's page that are used.
struct ServerPage {
  std::vector<Sample> samples;          ///< that make figures, see combine.hpp
  std::optional<double> process_start;  ///< Unix time in seconds
};

/// Reads a page of that kind of server. Refused are broken pages and those of something else; an
/// empty page is one of a server that has seen no request yet.
[[nodiscard]] base::Result<ServerPage> read_page(config::ServerKind kind, std::string_view text);

}  // namespace inferometer::scrape
