#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace inferometer::probe::protocol {

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

}  // namespace inferometer::probe::protocol
