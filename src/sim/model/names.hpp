#pragma once

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer::sim {

/// One value of a closed enum as flags and headers write it.
template <typename Value>
struct Name {
  std::string_view name;
  Value value;
};

/// The names of all rows, as an error lists them; `name` is the member that has it.
template <typename Rows, typename Row>
[[nodiscard]] std::string list_names(const Rows& rows, std::string_view Row::*name) {
  std::string list;
  for (const Row& row : rows) {
    list.append(list.empty() ? "" : ", ").append(row.*name);
  }
  return list;
}

/// The value of the row with that name; the error lists the names there are. `what` says in it what
/// kind of value it is.
template <typename Row, std::size_t Count>
[[nodiscard]] auto parse_name(const std::array<Row, Count>& rows, std::string_view what,
                              std::string_view text) -> base::Result<decltype(Row::value)> {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [text](const Row& row) { return row.name == text; });
  if (found == rows.end()) {
    return base::fail("there is no " + std::string(what) + " '" + std::string(text) +
                      "': use one of " + list_names(rows, &Row::name));
  }
  return found->value;
}

}  // namespace inferometer::sim
