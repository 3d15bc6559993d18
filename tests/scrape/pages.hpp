#pragma once

#include "scrape/page.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace inferometer::scrape {

/// The text of tests/data/scrape/<name>.
inline std::string page_text(const std::string& name) {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/tests/data/scrape/" + name);
  REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A page that can be read.
inline Reading read_text(config::ServerKind kind, std::string_view text) {
  const auto reading = read_page(kind, text);
  REQUIRE_MESSAGE(reading, (reading ? "" : reading.error().message));
  return *reading;
}

/// The figures of a page that is scraped right after another.
inline ServerFigures figures_between(config::ServerKind kind, std::string_view before,
                                     std::string_view after) {
  Reading now = read_text(kind, after);
  add_means(kind, read_text(kind, before), now);
  return now.figures;
}

/// `text` with the one place where `from` stands changed.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace inferometer::scrape
