#pragma once

#include "precision/cases.hpp"
#include "precision/figures.hpp"

#include <optional>
#include <string>

namespace inferometer::precision {

/// What one case gave.
struct Row {
  Case which;
  Figures figures;
  std::optional<Figures> bare;  ///< of the bare reader, where it can do the same
};

/// The head and the lines of a Markdown table.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(const Row& row);

}  // namespace inferometer::precision
