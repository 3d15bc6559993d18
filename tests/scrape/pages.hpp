#pragma once

#include "scrape/page.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::scrape {

/// The text of tests/data/scrape/<name>.
inline std::string page_text(const std::string& name) {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/tests/data/scrape/" + name);
  REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A page that can be read.
inline ServerPage read_text(config::ServerKind kind, std::string_view text) {
  auto page = read_page(kind, text);
  REQUIRE_MESSAGE(page, (page ? "" : page.error().message));
  return *std::move(page);
}

/// The figures of a page that is the first of its server.
inline ServerFigures figures_on(config::ServerKind kind, std::string_view text) {
  return figures_of(kind, read_text(kind, text).samples);
}

/// `text` with the one place where `from` stands changed.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace inferometer::scrape
