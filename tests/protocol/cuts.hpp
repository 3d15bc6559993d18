#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::protocol {

/// Ways to cut `bytes` as a network may: whole, in two at every place, and byte by byte.
inline std::vector<std::vector<std::string_view>> cuts(std::string_view bytes) {
  std::vector<std::vector<std::string_view>> all{{bytes}};
  std::vector<std::string_view> single_bytes;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    all.push_back({bytes.substr(0, at), bytes.substr(at)});
    single_bytes.push_back(bytes.substr(at, 1));
  }
  all.push_back(single_bytes);
  return all;
}

/// `text` with each LF as the given line end.
inline std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result.append(line_end);
    } else {
      result.push_back(c);
    }
  }
  return result;
}

}  // namespace inferometer::protocol
