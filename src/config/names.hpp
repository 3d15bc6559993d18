#pragma once

#include "config/problem.hpp"
#include "config/yaml/document.hpp"
#include "config/yaml/suggest.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

/// Watches over names that must be unique within one list.
class Names {
 public:
  /// `what` is what they name, as messages say it: `provider`. Keeps references.
  Names(std::string_view what, Problems& problems) : m_what(what), m_problems(problems) {}

  /// Whether `name`, at `mark`, is new; reports it otherwise.
  bool add(const std::string& name, Mark mark) {
    const auto [seen, is_new] = m_seen.emplace(name, mark);
    if (!is_new) {
      m_problems.add(
          mark, fmt::format("{} {} is already in line {}", m_what, quote(name), seen->second.line),
          "each may be there once");
    }
    return is_new;
  }

 private:
  std::string_view m_what;
  Problems& m_problems;
  std::map<std::string, Mark> m_seen;
};

/// A name that should exist elsewhere in the file.
struct Reference {
  std::string name;
  Mark mark;
};

/// Items by name. Keeps pointers to them.
template <typename Item>
using Index = std::map<std::string_view, const Item*>;

template <typename Item>
[[nodiscard]] Index<Item> make_index(const std::vector<Item>& items) {
  Index<Item> index;
  for (const Item& item : items) {
    index.emplace(item.name, &item);
  }
  return index;
}

/// Reports a reference to what is not among `known`, with the nearest of those names; in silence
/// where nothing is known at all, which is a problem of its own.
template <typename Item>
void report_unknown(const Reference& reference, std::string_view what, const Index<Item>& known,
                    Problems& problems) {
  // Names cost time to compare, which nobody will see once the report is full.
  if (known.empty() || problems.is_full()) {
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& [name, item] : known) {
    names.push_back(name);
  }
  problems.add(reference.mark, fmt::format("unknown {} {}", what, quote(reference.name)),
               suggest(reference.name, fmt::format("{}s", what), names));
}

}  // namespace inferometer::config
