#include "probe/one_line.hpp"

#include "config/utf8.hpp"

#include <algorithm>

namespace inferometer::probe {

std::string one_line(std::string_view text) {
  constexpr std::size_t k_longest = 300;
  std::string line(text.substr(0, k_longest));
  for (std::size_t bad = config::find_invalid_utf8(line); bad != std::string::npos;
       bad = config::find_invalid_utf8(line)) {
    line[bad] = '?';
  }
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  while (!line.empty() && line.back() == ' ') {
    line.pop_back();
  }
  return line;
}

}  // namespace inferometer::probe
