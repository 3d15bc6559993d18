#pragma once

#include "web/status.hpp"

#include <string>
#include <vector>

namespace inferometer::web {

/// Which columns of the table have anything to show: the others are left out.
struct Columns {
  bool next_run = false;
  bool server = false;
  bool certificate = false;
  bool titles = true;  ///< each tick says what it stands for; too much for a thousand targets
};
[[nodiscard]] Columns columns_of(const std::vector<const TargetStatus*>& targets);

/// The table up to its first row.
[[nodiscard]] std::string render_table_head(const Columns& columns);

/// Appends the target's row to `html`. Names and details are escaped.
void append_row(const TargetStatus& target, const Columns& columns, base::WallTime now,
                std::string& html);

}  // namespace inferometer::web
