#pragma once

#include "config/document.hpp"
#include "config/problem.hpp"

#include <map>
#include <string>
#include <string_view>

namespace inferometer::config {

/// Watches over names that must be unique within one list.
class Names {
 public:
  /// `what` is what they name, as messages say it: `provider`. Keeps references.
  Names(std::string_view what, Problems& problems) : m_what(what), m_problems(problems) {}

  /// Whether `name`, at `mark`, is new; reports it otherwise.
  bool add(const std::string& name, Mark mark);

 private:
  std::string_view m_what;
  Problems& m_problems;
  std::map<std::string, Mark> m_seen;
};

}  // namespace inferometer::config
