#include "config/names.hpp"

#include <fmt/format.h>

namespace inferometer::config {

bool Names::add(const std::string& name, Mark mark) {
  const auto [seen, is_new] = m_seen.emplace(name, mark);
  if (!is_new) {
    m_problems.add(
        mark, fmt::format("{} {} is already in line {}", m_what, quote(name), seen->second.line),
        "each may be there once");
  }
  return is_new;
}

}  // namespace inferometer::config
