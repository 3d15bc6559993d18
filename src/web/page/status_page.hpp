#pragma once

#include "web/status.hpp"

#include <string>
#include <string_view>

namespace inferometer::web {

/// Rows of one page. Of more targets those that come first are shown, and a filter finds the rest.
inline constexpr std::size_t k_max_rows = 1000;

/// The page at /: HTML that works without scripts and needs nothing from elsewhere; a script in it
/// keeps it fresh and filters while one types. `filter` is what select_targets takes. Names,
/// details and the filter are escaped. Links are relative, so that the page works below any path.
[[nodiscard]] std::string render_status_page(const Status& status, std::string_view filter,
                                             base::WallTime now);

/// The Content-Security-Policy of that page: it runs its own script and no other.
[[nodiscard]] std::string status_page_policy();

}  // namespace inferometer::web
