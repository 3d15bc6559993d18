#pragma once

#include <string>
#include <string_view>

namespace inferometer::http {

/// `text` as one gzip member, at the level where speed counts more than size: a page is made anew
/// for each scrape. Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace inferometer::http
